/** Reads the outages of a history from a file system without write access. */

import { HistoryFile } from "../../lib/history/history_file.ts";
import { readInput, writeOutput } from "../../../tests/support/script.ts";

export interface Input {
  file: string;
}

export interface Output {
  outages?: number;
  problem?: string;
}

const { file } = await readInput<Input>();
let output: Output;
try {
  using history = new HistoryFile(file);
  output = { outages: history.outages().length };
} catch (error) {
  output = { problem: (error as Error).message };
}
await writeOutput(output);
