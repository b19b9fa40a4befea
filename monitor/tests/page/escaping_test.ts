/** Names, labels and reasons of targets are escaped in the pages. */

// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import fc from "npm:fast-check@4.11.0";
import { assert, assertEquals } from "@std/assert";
import type { MonitorEvent } from "../../lib/event.ts";
import { renderFleet } from "../../lib/page/fleet_page.tsx";
import { readFleet, readTarget } from "../../lib/page/read_model.ts";
import { renderTarget } from "../../lib/page/target_page.tsx";
import { Status } from "../../lib/status/status.ts";
import { StateTable } from "../support/state_table.ts";

/** Text with markup of an attacker, and a mark that the test searches for. */
const foreign = fc.tuple(
  fc.constantFrom(
    '"',
    "'",
    "<",
    ">",
    "&",
    "`",
    "=",
    "</title>",
    "</script>",
    "-->",
    "<!--",
    "&lt;",
    "\u2028",
    "{",
    "",
    "\u202e",
    "\x9b",
  ),
  fc.string({ unit: "binary", maxLength: 10 }),
).map(([text, rest]) => `${text}<i mark="1" onclick=mark>mark</i>${rest}`);

async function* ofList(events: MonitorEvent[]): AsyncGenerator<MonitorEvent, undefined> {
  yield* events;
}

Deno.test("names, labels, reasons, codes and searches are escaped", async () => {
  await fc.assert(
    fc.asyncProperty(foreign, foreign, foreign, async (id, group, text) => {
      const states = new StateTable(() => 1_700_000_000_000);
      const result = { status: "refused", code: text, mode: "half-open", engine: "socket", target: id, errno: 1 };
      const said = { target: text, group, labels: { [text]: text }, result: { ...result, dnsTime: 0, duration: 1 } };
      const events = [
        states.transition(id, "down", said as never),
        { ...states.maintain(id, true), reason: text } as MonitorEvent,
        states.storm(true, group),
      ];
      const witness = { agent: text, zone: group, state: "down", since: 1_700_000_000_000, reason: text } as const;
      const state = { state: "maintenance", ...said as object, maintenance: { reason: text } } as const;
      states.set(id, { ...state, witnesses: [witness] });
      const monitor = {
        get: (id: string) => states.get(id),
        states: () => states.states(),
        events: () => ofList(events),
      };
      await using status = new Status({ monitor }, 1);
      while (status.log.version < events.length) await new Promise((resolve) => setTimeout(resolve, 0));
      const query = { q: text, group, state: "" };
      const pages = [
        renderFleet(await readFleet(status, { ...query, q: "", group: "" }, [text])),
        renderFleet(await readFleet(status, query, [])),
        renderTarget(await readTarget(status, states.get(id)!)),
        renderTarget(await readTarget(status, { ...states.get(id)!, witnesses: undefined })),
      ];
      for (const page of pages) {
        // The page contains all these texts, none of them as a tag or an attribute.
        assert(page.includes("mark&lt;/i&gt;"), page);
        const outsideAttributes = page.replaceAll(/"[^"]*"/g, '""');
        assertEquals(/<i[\s>]|<[^>"]*\sonclick=/.test(outsideAttributes), false, page);
        const shownAttributes = [...page.matchAll(/ (?:title|alt|aria-label)="([^"]*)"/g)].map(([, value]) => value);
        const shown = outsideAttributes + shownAttributes.join("");
        assertEquals(shown.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu)?.filter((one) => one !== "\n") ?? [], []);
      }
    }),
    { numRuns: 100 },
  );
});
