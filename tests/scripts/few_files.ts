/** Checks a target while this process has no free descriptor, and again when it has some. */

import { Checker, type CheckResult } from "../../mod.ts";
import { readInput, writeOutput } from "../support/script.ts";
import { openSignalDescriptors } from "../support/signals.ts";

export interface Input {
  target: string;
}

export interface Output {
  starved: CheckResult[];
  fed: CheckResult[];
}

openSignalDescriptors();
const { target } = readInput<Input>();
await using checker = new Checker({ engine: "connect" });
checker.checkingLoop();
// A first check loads all modules.
await checker.checkAddr(target);
const files: Deno.FsFile[] = [];
while (openOne());
const starved = await check(10);
for (const file of files) file.close();
writeOutput({ starved, fed: await check(100) } satisfies Output);

function openOne(): boolean {
  try {
    files.push(Deno.openSync("/dev/null"));
    return true;
  } catch {
    return false;
  }
}

function check(times: number): Promise<CheckResult[]> {
  return Promise.all(Array.from({ length: times }, () => checker.checkAddr(target)));
}
