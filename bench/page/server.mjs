// A server for this machine alone, with or without the headers that a page needs for threads.
import { createServer } from "node:http";
import { extname } from "node:path";

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

/** Without them a page has no SharedArrayBuffer, and so no threads. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/**
 * read(path) → bytes or text, or undefined for what does not exist; headers: more of them. port 0: any free one.
 * Returns { address, close() }.
 */
export async function startServer({ read, isolated = true, headers = {}, port = 0 }) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    const body = await read(path.slice(1));
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type": `${types[extname(path)] ?? "application/octet-stream"}; charset=utf-8`,
      "Cache-Control": "no-store",
      ...(isolated ? isolation : {}),
      ...headers,
    });
    response.end(body);
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
