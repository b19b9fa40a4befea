/** The benchmark runs and fills its tables. No test asserts speed. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { GOALS } from "../../bench/harness/goals.ts";

Deno.test("deno task bench --short fills all of its tables, and judges each goal", async () => {
  const report = await bench("--short");
  const [head, ...sections] = report.split("\n## ");
  assertMatch(head, /- Machine: .*\n- Command: `deno task bench --short`\n- Date: /);
  for (const section of sections) {
    assert(section.includes("\n\nLeft out: ") || rows(section).length > 0, section);
    assert(!/NaN|undefined|null/.test(section), section);
  }
  const goals = rows(sections.at(-1)!);
  assertEquals(goals.length, Object.keys(GOALS).length);
  for (const [work, , measured, limit, reached] of goals) {
    assertMatch(limit, /^at (least|most) [\d.]+/, work);
    assertMatch(`${measured} | ${reached}`, /^([\d,.]+( \S+)? \| (yes|no)|not measured \| -)$/, work);
  }
  assert(goals.some(([, , , , reached]) => reached !== "-"), report);
});

Deno.test("deno task bench --only measures one table", async () => {
  const report = await bench("--short", "--only", "closed");
  assertEquals([...report.matchAll(/^## (.*)$/gm)].map(([, title]) => title), [
    "Port closed, 100 checks at once",
    "Goals",
  ]);
});

async function bench(...args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "bench/main.ts", ...args],
    cwd: new URL("../..", import.meta.url),
    stderr: "inherit",
  });
  const { success, stdout } = await command.output();
  assert(success);
  return new TextDecoder().decode(stdout);
}

/** The cells of a section's tables; the first heading is left out. */
function rows(section: string): string[][] {
  const table = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| :"));
  return table.slice(1).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}
