/**
 * Runs the command in this process for each line of stdin: the arguments as a JSON array, encoded as a URI component. A
 * NUL ends the stderr of a run; NUL, exit status and NUL end its stdout.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { main } from "../../mod.ts";

const encoder = new TextEncoder();
for await (const line of createInterface({ input: process.stdin })) {
  const status = await main(JSON.parse(decodeURIComponent(line)));
  Deno.stderr.writeSync(encoder.encode("\0"));
  Deno.stdout.writeSync(encoder.encode(`\0${status}\0`));
}
// As the command does, because a check may have left a thread.
Deno.exit(0);
