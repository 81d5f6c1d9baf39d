// What Cloudflare's and Vercel's bundlers make of such an import: compiled at deployment, because their engines compile nothing at run time.
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
