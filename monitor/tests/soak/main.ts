/**
 * The monitor's soak: `deno task soak:monitor`. Targets are added, removed, replaced, put in maintenance and reported
 * at random, while their ports open and close; each event and counter must match a naive model.
 *
 * `--seconds N`: the duration, by default 600. `--seed N`: the random seed, by default a random number.
 */

import { parseArgs } from "node:util";
import { LOOPBACK, UNSHARE, whyNoNamespaces } from "../../../tests/support/namespace.ts";

const { values } = parseArgs({ options: { seconds: { type: "string" }, seed: { type: "string" } } });
const { seconds = "600", seed = `${Math.floor(Math.random() * 2 ** 31)}` } = values;

if (whyNoNamespaces !== undefined) {
  console.error(`The soak is skipped, because no network namespace can be created: ${whyNoNamespaces}`);
  Deno.exit(0);
}
const script = decodeURIComponent(new URL("soak.ts", import.meta.url).pathname);
const [command, ...args] = [
  ...[...UNSHARE, "sh", "-euc", `${LOOPBACK}\nexec "$@"`, "sh"],
  ...[Deno.execPath(), "run", "--quiet", "--allow-all", "--v8-flags=--expose-gc", script, seconds, seed],
];
Deno.exit((await new Deno.Command(command, { args }).spawn().status).code);
