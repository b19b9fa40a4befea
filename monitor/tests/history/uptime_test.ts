import { assertEquals } from "@std/assert";
import { uptimeOf } from "../../lib/history/uptime.ts";

Deno.test("uptime is the share of the time up or down", () => {
  const { uptime, coverage } = uptimeOf({ up: 90, down: 10, unknown: 50, maintenance: 50 }, 400);
  assertEquals({ uptime, coverage }, { uptime: 0.9, coverage: 0.25 });
});

Deno.test("uptime is null if no time is known", () => {
  const { uptime, coverage } = uptimeOf({ up: 0, down: 0, unknown: 60, maintenance: 40 }, 100);
  assertEquals({ uptime, coverage }, { uptime: null, coverage: 0 });
});
