// node bench/page/serve.mjs: the bench page on this machine.
import { parseArgs } from "node:util";
import { bundlePage } from "./bundle.mjs";
import { startServer } from "./server.mjs";

const usage = `Usage: npm run bench:page -- [options]

Serves the bench page, with the headers that make it cross-origin isolated, which threads need.

  --plain-headers  without those headers: the page then works on one thread and says why
  --port NUMBER    the port (default: 8080)
  --help           this text`;

let flags;
try {
  flags = parseArgs({ options: { "plain-headers": { type: "boolean" }, port: { type: "string", default: "8080" }, help: { type: "boolean" } } }).values;
} catch (error) {
  console.error(`bench: ${error.message}\n\n${usage}`);
  process.exit(2);
}
if (flags.help) {
  console.log(usage);
} else {
  const { address } = await startServer({ read: await bundlePage(), isolated: !flags["plain-headers"], port: Number(flags.port) });
  console.log(`${address} (Ctrl-C ends it; add ?quick or ?full to start at once)`);
}
