// The process that a contestant runs in, one each: its own heap, its own compiled code, its own garbage, so no library's
// presence slows another. bench/processes.mjs starts it and speaks to it.
import { readFileSync } from "node:fs";
import { createAnswers } from "./answers.mjs";

const [, , file, option] = process.argv;
const { version: lanewise } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const answer = createAnswers(() => import(file), option, { lanewise, engine: process.version });

process.on("message", async (message) => process.send(await answer(message)));
