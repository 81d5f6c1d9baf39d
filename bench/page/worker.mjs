// The worker that a contestant runs in, one each, as bench/host.mjs is the process in Node. The first message says which.
import { version as lanewise } from "../../package.json";
import { createAnswers } from "../answers.mjs";

const modules = {
  "lanewise.mjs": () => import("../lanewise.mjs"),
  "plain/contestant.mjs": () => import("../plain/contestant.mjs"),
};

let answer;

self.onmessage = async ({ data }) => {
  if (answer) return self.postMessage(await answer(data));
  const { file, option, engine } = data;
  answer = createAnswers(modules[file], option, { lanewise, engine });
};
