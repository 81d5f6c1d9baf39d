// npm run bench: lanewise against plain JavaScript, on this machine.
import { finish, printStart, readCommand } from "./command.mjs";
import { reference } from "./compare.mjs";
import { compete } from "./compete.mjs";
import { own } from "./contestants.mjs";
import { node } from "./node.mjs";
import { alignColumns, formatLines, formatRatio } from "./report.mjs";

const command = readCommand(
  `Usage: npm run bench -- [options]

Times lanewise (strict and relaxed builds) and plain JavaScript, one thread each, after checking that their results agree.
About a minute and a half. Nothing else may be running meanwhile.`,
  "",
);
const busy = printStart();
const widths = [];
const results = await compete({
  place: node,
  contestants: own,
  workloads: command.chosen,
  onAbsent: (label, reason) => console.log(`Not here: ${label}: ${reason}`),
  onLines({ id }, lines, absent, limit) {
    const plain = lines.find(({ key }) => key === reference).median;
    const ratio = ({ key, median }) => (key === reference ? "" : `${formatRatio(plain / median)} plain JS`);
    console.log(`\n${id}`);
    for (const row of alignColumns(formatLines(lines, ratio, limit), widths)) console.log(`  ${row}`);
  },
});
finish(command, results, busy);
