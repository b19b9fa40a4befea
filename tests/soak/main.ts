/**
 * Makes random checks for a given time, and asserts exact counts: `deno task soak`.
 *
 * `--seconds N` (600): how long. `--seed N`: the seed of an earlier run, to repeat it; random by default.
 * Ctrl-C ends it early, with the summary so far. The exit status is 0 if all counts are right.
 */

import { parseArgs } from "node:util";
import { setupCommands, UNSHARE, whyNoNamespaces } from "../support/namespace.ts";
// Imported here too, so that its npm packages are cached, because the soak's namespace has no network.
import { MAX_SEED } from "./random.ts";
import type { Input } from "./soak.ts";
import { WORLD } from "./targets.ts";

const { values } = parseArgs({ options: { seconds: { type: "string" }, seed: { type: "string" } } });
const seconds = integer("seconds", values.seconds, 600, 2 ** 31);
const seed = integer("seed", values.seed, Math.floor(Math.random() * MAX_SEED), MAX_SEED);

if (whyNoNamespaces === undefined) {
  Deno.exit(await runInWorld({ seconds, seed }));
} else {
  console.error(`The soak is skipped, no network namespace can be made: ${whyNoNamespaces}`);
}

async function runInWorld(input: Input): Promise<number> {
  const scratch = await Deno.makeTempDir();
  try {
    const script = decodeURIComponent(new URL("soak.ts", import.meta.url).pathname);
    const [command, ...args] = [
      ...[...UNSHARE, "sh", "-euc", `${setupCommands(scratch, WORLD)}\nexec "$@"`, "sh"],
      ...[Deno.execPath(), "run", "--quiet", "--allow-all", "--v8-flags=--expose-gc", script, JSON.stringify(input)],
    ];
    const child = new Deno.Command(command, { args }).spawn();
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => child.kill(signal));
    return (await child.status).code;
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

function integer(name: string, text: string | undefined, byDefault: number, max: number): number {
  const value = text === undefined ? byDefault : Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new RangeError(`--${name} must be an integer from 0 to ${max}, it is ${text}`);
}
