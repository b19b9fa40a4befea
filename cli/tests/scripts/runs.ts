/**
 * Runs the command in this process for each list of arguments of a JSON array. A NUL ends what a run prints to stderr, and
 * NUL, exit status and NUL what it prints to stdout.
 */

import { main } from "../../mod.ts";

const encoder = new TextEncoder();
for (const args of JSON.parse(Deno.args[0])) {
  const status = await main(args);
  Deno.stderr.writeSync(encoder.encode("\0"));
  Deno.stdout.writeSync(encoder.encode(`\0${status}\0`));
}
// As the command does: a check may have left a thread.
Deno.exit(0);
