/**
 * Compares checks a second, CPU time and memory a check with the alternatives, in turns: `deno task bench`.
 *
 * `--rounds N` (5): how often each has its turn. `--short`: a tenth of the checks, once, to see that it works.
 * `--write`: the report goes to bench/RESULTS.md too.
 */

import { parseArgs } from "node:util";
import { whyNoBundle } from "../tests/support/bundle.ts";
import { contestants } from "./contestants.ts";
import { bareLoop, canIsolate, findPeer, machine } from "./environment.ts";
import { latenessTable } from "./lateness.ts";
import { latencyTable } from "./latency.ts";
import { memoryTable } from "./memory.ts";
import { speedTable } from "./speed.ts";
import { startUpTable } from "./start_up.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { rounds: { type: "string" }, short: { type: "boolean" }, write: { type: "boolean" } },
});
const rounds = Number(values.rounds ?? (values.short ? 1 : 5));
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError(`--rounds must be 1 or more, it is ${values.rounds}`);

const bare = await bareLoop();
const peer = await findPeer();
const isolated = await canIsolate();
const setting = { isolated, rounds, scale: values.short ? 0.1 : 1 };
const all = contestants(bare, peer);
const report: string[] = [];
const loadBefore = load();

tell("# Results");
tell(machine(["deno task bench", ...Deno.args].join(" ")));
if (peer === undefined) {
  tell(
    "tcp-shaker is left out: it was found neither through the variable TCP_CHECKER nor as tcp-checker on the PATH. " +
      "Install it with: go install github.com/tevino/tcp-shaker/cmd/tcp-checker@latest",
  );
}
if (!isolated) {
  tell("No network namespace can be made here, so nobody counted the segments, and there is no silent target.");
}
tell("## Port up, 100 checks at once");
tell(await speedTable(all, "open", setting));
tell("## Port closed, 100 checks at once");
tell(await speedTable(all, "closed", setting));
tell("## One check at a time, port up");
tell(await latencyTable(peer, setting));
if (isolated) {
  tell("## How late timeouts are");
  tell(await latenessTable(setting));
  tell("## Memory of a check in flight");
  tell(await memoryTable(setting));
}
tell("## Start-up of a process");
if (whyNoBundle === undefined) tell(await startUpTable(setting));
else tell(`Left out, no bundle can be built: ${whyNoBundle}`);
tell(`Load average of the machine, our own included: ${loadBefore} before, ${load()} after.`);
tell("What the columns mean, and how it is measured: [README.md](README.md).");

if (values.write) {
  const path = decodeURIComponent(new URL("RESULTS.md", import.meta.url).pathname);
  Deno.writeTextFileSync(path, report.join("\n\n") + "\n");
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] }).output();
}

/** Of the last minute: ratios stand some company, checks a second don't. */
function load(): string {
  return Deno.loadavg()[0].toFixed(1);
}

function tell(text: string): void {
  report.push(text);
  console.log(`${text}\n`);
}
