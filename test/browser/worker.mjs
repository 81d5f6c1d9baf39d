// A dedicated worker that does what a page does, so that it starts workers of its own.
import * as lanewise from "../../dist/index.js";
import * as threads from "../../dist/threads.js";
import { compare } from "./subject.mjs";

postMessage(await compare(lanewise, threads));
