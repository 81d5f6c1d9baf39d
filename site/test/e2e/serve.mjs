// The built site on a port of its own, and what was asked of it.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { startServer } from "../../../bench/page/server.mjs";

const dist = new URL("../../dist/", import.meta.url);

/** { address, requests: [{ path, gzip }], offline(flag), close() } */
export async function serveSite() {
  const requests = [];
  let isOffline = false;
  const server = await startServer({
    isolated: false,
    async read(path) {
      if (isOffline) return undefined;
      const body = await readFile(new URL(path, dist)).catch(() => undefined);
      requests.push({ path, gzip: body ? gzipSync(body, { level: 9 }).length : 0 });
      return body;
    },
  });
  return { address: server.address, requests, offline: (flag) => (isOffline = flag), close: server.close };
}
