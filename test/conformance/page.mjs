// A page that answers what test/engines/browsers.mjs asks.
import { examine, examineRelaxed } from "./examine.mjs";

globalThis.examine = examine;
globalThis.examineRelaxed = examineRelaxed;
