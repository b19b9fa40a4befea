/**
 * One check with the default checker: tcp-shaker's quick start.
 *
 * Run it with: deno run --allow-ffi examples/quick_start.ts [HOST:PORT]
 */

import { checkAddr } from "@tcp-shaker/tcp-shaker";

const target = Deno.args[0] ?? "127.0.0.1:80";

// The timeout of one second is also the default.
const result = await checkAddr(target, { timeout: 1000 });

switch (result.status) {
  case "up":
    console.log(`${target} answered in ${result.rtt} ms`);
    break;
  case "timeout":
    console.log(`${target} did not answer in ${result.duration.toFixed(0)} ms`);
    break;
  case "unresolved":
    console.log(`${target} has no address: ${result.code}`);
    break;
  case "denied":
    console.log(`${target} may not be checked`);
    break;
  default:
    console.log(`${target} is ${result.status}: ${result.code}`);
}
