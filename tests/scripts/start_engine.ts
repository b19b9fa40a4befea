/** Starts a checker, and reports its engine, or the error. */

import { Checker, type CheckerOptions } from "../../mod.ts";
import { readInput, writeOutput } from "../support/script.ts";
import { refuse, type RefusedCall } from "../support/seccomp.ts";

export interface Input {
  checker: CheckerOptions;
  /** System calls that the kernel refuses to this process. */
  refused?: RefusedCall;
}

/** The engine of a check, or the error's message. */
export type Output = string;

const { checker: options, refused } = readInput<Input>();
if (refused !== undefined) refuse(refused);
const checker = new Checker(options);
const loop = checker.checkingLoop();
try {
  await checker.waitReady();
  const { engine } = await checker.checkAddr("127.0.0.1:9");
  await checker[Symbol.asyncDispose]();
  writeOutput(engine satisfies Output);
} catch (error) {
  writeOutput((error as Error).message satisfies Output);
}
await loop.catch(() => {});
