type Blocks = Generator<Uint32Array<ArrayBuffer>, void>;

export function everything(step?: number): Blocks;
export function stratified(pairs?: number): Blocks;
export function random(n: number, seed: number): Blocks;
export function both(bits: Uint32Array): Blocks;
export function nans(step: number): Blocks;
