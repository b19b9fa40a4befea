/** How long a process takes that makes one check, from its start to its end. */

import { Package } from "../tests/support/package.ts";
import type { Setting } from "./environment.ts";
import { median, shown, table } from "./table.ts";

const CHECK = `
  import { checkAddr } from "./mod.ts";
  await checkAddr("127.0.0.1:1");
`;

/**
 * Has a process that does nothing and one that makes a check, with the library in the module, take turns.
 *
 * @param setting How often.
 * @returns A Markdown table.
 */
export async function startUpTable(setting: Setting): Promise<string> {
  await using module = await Package.unpack();
  await Deno.writeTextFile(`${module.path}/check.ts`, CHECK);
  await Deno.writeTextFile(`${module.path}/import.ts`, CHECK.replace(/await.*/, "checkAddr;"));
  const contestants: [string, string[]][] = [
    ["Deno alone: `deno eval 0`", ["eval", "0"]],
    ["the module imported", ["run", "--allow-ffi", `${module.path}/import.ts`]],
    ["one check", ["run", "--allow-ffi", `${module.path}/check.ts`]],
  ];
  const times = contestants.map((): number[] => []);
  // The first ones fill Deno's caches.
  for (const [, args] of contestants) await time(args);
  for (let round = 0; round < setting.rounds * 10; round++) {
    for (const [index, [, args]] of contestants.entries()) times[index].push(await time(args));
  }
  const rows = contestants.map(([name], index) => {
    const own = times[index].map((time, round) => time - times[0][round]);
    return [name, shown(median(times[index]), 1), index === 0 ? "-" : shown(median(own), 1)];
  });
  return table([["", "ms", "ms over Deno alone"], ...rows]);
}

async function time(args: string[]): Promise<number> {
  const start = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "inherit" }).output();
  if (!success) throw new Error(`deno ${args.join(" ")} failed`);
  return performance.now() - start;
}
