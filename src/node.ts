// "lanewise/node": what training wants of Node: checkpoints in files, and a line of progress in a terminal.

export { fileCheckpoint, writeFileAtomically, type FileCheckpointOptions } from "./node/checkpoint-file.js";
export { progressBar, type ProgressBarOptions, type ProgressStream } from "./node/progress-bar.js";
