// node bench/peers.mjs: lanewise against other libraries, all in one run, taking turns.
import { finish, printStart, readCommand } from "./command.mjs";
import { reference } from "./compare.mjs";
import { compete } from "./compete.mjs";
import { own, peers } from "./contestants.mjs";
import { node } from "./node.mjs";
import { alignColumns, formatLines, formatRatio } from "./report.mjs";
import { installRivals } from "./rivals/install.mjs";

const command = readCommand(
  `Usage: node bench/peers.mjs [options]

Installs the libraries that lanewise is compared with into bench/rivals (about 900 MB), and times lanewise and all of
them, one thread each, after checking that their results agree with plain JavaScript's. A library that cannot be had,
or that cannot do a workload, gets a line that says why. About ten minutes. Nothing else may be running meanwhile.
PyTorch and NumPy take part if python3 has them (Debian: python3-torch, python3-numpy).`,
  "peers-",
);

installRivals();
const busy = printStart();
const lanewise = own.filter(({ file }) => file === own[0].file);
const judge = { ...own.find(({ key }) => key === reference), judge: true };
const widths = [];
const results = await compete({
  place: node,
  contestants: [judge, ...lanewise, ...peers],
  // Not every library has derivatives, or functions from array to array: all are timed where their data already is.
  workloads: command.chosen.filter(({ form }) => form === undefined || form === "session"),
  // Larger modules than ours, which engines take longer to compile in the background.
  options: { warmUp: 500, longestWarmUp: 4000 },
  onAbsent: (label, reason) => console.log(`Not here: ${label}: ${reason}`),
  onLines({ id }, lines, absent, limit) {
    const [{ median: ours }] = lines;
    const ratio = ({ key, median }) => (key === lanewise[0].key ? "" : `${formatRatio(median / ours)} lanewise's time`);
    console.log(`\n${id}`);
    for (const row of alignColumns(formatLines(lines, ratio, limit), widths)) console.log(`  ${row}`);
    for (const { label, reason } of absent) console.log(`  ${label}: not timed, ${reason}`);
  },
});
finish(command, results, busy);
