/** Duration of a process that makes one check, from its start to its end. */

import { formatNumber, table } from "../harness/numbers.ts";
import { Rounds } from "../harness/rounds.ts";
import type { Table } from "../harness/setting.ts";

const CHECK = `
  import { checkAddr } from "./mod.ts";
  await checkAddr("127.0.0.1:1");
`;
const ALONE = "Deno alone: `deno eval 0`";
const ONE_CHECK = "one check";

/** A process that does nothing, compared with one that makes a check with the library in the module. */
export const startUp: Table = {
  name: "start",
  title: "Start-up of a process",
  async measure(setting) {
    // Only this table needs the library in the module.
    const { whyNoBundle } = await import("../../tests/support/bundle.ts");
    if (whyNoBundle !== undefined) return { text: `Left out: no bundle can be built: ${whyNoBundle}` };
    const { Package } = await import("../../tests/support/package.ts");
    await using module = await Package.unpack();
    await Deno.writeTextFile(`${module.path}/check.ts`, CHECK);
    await Deno.writeTextFile(`${module.path}/import.ts`, CHECK.replace(/await.*/, "checkAddr;"));
    const all = [
      { name: ALONE, args: ["eval", "0"] },
      { name: "the module imported", args: ["run", "--allow-ffi", `${module.path}/import.ts`] },
      { name: ONE_CHECK, args: ["run", "--allow-ffi", `${module.path}/check.ts`] },
    ];
    // The first runs fill Deno's caches.
    for (const { args } of all) await time(args);
    const rounds = await Rounds.run(all, setting.rounds * 10, ({ args }) => time(args));
    const over = (name: string) => rounds.difference(name, ALONE, (time) => time);
    const rows = all.map(({ name }) => [
      name,
      formatNumber(rounds.median(name, (time) => time), 1),
      name === ALONE ? "-" : formatNumber(over(name), 1),
    ]);
    return { text: table([["", "ms", "ms over Deno alone"], ...rows]), figures: { startUp: over(ONE_CHECK) } };
  },
};

async function time(args: string[]): Promise<number> {
  const start = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "inherit" }).output();
  if (!success) throw new Error(`deno ${args.join(" ")} failed`);
  return performance.now() - start;
}
