/** The API: responses match their schema; filters, pages, fields, ETags, bad queries. */

// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import { Ajv2020 } from "npm:ajv@8.20.0/dist/2020.js";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { closedPort } from "../../../tests/support/listener.ts";
import schema from "../../docs/tcp-checker-api-1.schema.json" with { type: "json" };
import { ServedAgent } from "../support/served_agent.ts";

const isValid = new Ajv2020({ strict: false }).compile(schema);
const TARGET = closedPort();
const CONFIGURATION = `
monitor: { interval: 20ms, timeout: 20ms, rise: 1, fall: 1 }
targets:
  - { target: "${TARGET}", id: "db-10", group: "db" }
  - { target: "${TARGET}", id: "db-9", group: "db", labels: { rack: "Ä7" } }
  - { target: "${TARGET}", id: "web/1", group: "web" }
  - { target: "[::1]:1", id: "v6" }
`;

// deno-lint-ignore no-explicit-any -- its type is the schema's
async function read(served: ServedAgent, path: string): Promise<any> {
  const { status, text } = await served.ask(path);
  assertEquals(status, 200, text);
  const value = JSON.parse(text);
  assert(isValid(value), `${path}: ${JSON.stringify(isValid.errors)}`);
  return value;
}

async function started(): Promise<ServedAgent> {
  const served = await ServedAgent.start(CONFIGURATION);
  await served.file.until(() => served.file.events.filter(({ type }) => type === "transition").length >= 4);
  return served;
}

Deno.test("targets are listed by group, then by id, with numbers compared as numbers", async () => {
  await using served = await started();
  const { total, targets } = await read(served, "/api/v1/targets");
  assertEquals([total, targets.map(({ id }: { id: string }) => id)], [4, ["v6", "db-9", "db-10", "web/1"]]);
  assertEquals(targets[1].result.status, "refused");
});

Deno.test("targets are filtered by state, group and text, and have the requested fields", async () => {
  await using served = await started();
  served.agent.monitor.setMaintenance("web/1", true, { until: 4e12, reason: "update" });
  const ids = async (query: string) => (await read(served, `/api/v1/targets?fields=id&${query}`)).targets;
  assertEquals(await ids("state=maintenance"), [{ id: "web/1" }]);
  assertEquals((await ids("state=maintenance,down")).length, 4);
  assertEquals((await ids("state=up")).length, 0);
  assertEquals(await ids("group=db&q=%C3%A47"), [{ id: "db-9" }]);
  assertEquals(await ids("group="), [{ id: "v6" }]);
  assertEquals(await ids("q=::1"), [{ id: "v6" }]);
  const { target } = await read(served, "/api/v1/targets/web%2F1?fields=state,maintenance");
  assertEquals(target, {
    state: "maintenance",
    maintenance: { until: new Date(4e12).toISOString(), reason: "update" },
  });
});

Deno.test("sums of times are rounded to microseconds", async () => {
  await using served = await started();
  const { text } = await served.ask("/api/v1/targets?fields=downtime,rttSum&state=down");
  assertMatch(text, /"downtime":[\d.]+,/);
  assertEquals(text.match(/\d\.\d{4}/), null, text);
});

Deno.test("a cursor continues a list although targets were added and removed in between", async () => {
  await using served = await started();
  const first = await read(served, "/api/v1/targets?limit=2&fields=id");
  assertEquals(first.targets, [{ id: "v6" }, { id: "db-9" }]);
  served.agent.monitor.remove("db-9");
  served.agent.monitor.add({ target: TARGET, id: "a" });
  const second = await read(served, `/api/v1/targets?limit=2&fields=id&cursor=${first.next}`);
  assertEquals([second.targets, second.next, second.total], [[{ id: "db-10" }, { id: "web/1" }], undefined, 4]);
});

Deno.test("the summary counts targets by state and group", async () => {
  await using served = await started();
  const { targets, down, groups, event } = await read(served, "/api/v1/summary");
  assertEquals([targets, down], [4, 4]);
  assertEquals(groups.map(({ name, targets }: { name: string; targets: number }) => [name, targets]), [
    ["", 1],
    ["db", 2],
    ["web", 1],
  ]);
  assertEquals(event, (await read(served, "/api/v1/events?limit=1")).events[0].id);
});

Deno.test("events are read from the newest, or after a given one", async () => {
  await using served = await started();
  const newest = await read(served, "/api/v1/events?limit=2");
  const [last, before] = newest.events;
  assertEquals(newest.next, before.id);
  assertEquals((await read(served, `/api/v1/events?after=${before.id}`)).events[0], last);
  assertEquals((await read(served, `/api/v1/events?after=${last.id}&limit=1&order=newest`)).events[0], before);
  const own = await read(served, "/api/v1/events?target=db-9&order=oldest");
  assertEquals(own.events[0].event.id, "db-9");
  assertEquals((await read(served, "/api/v1/events?after=1-1")).lost, true);
});

Deno.test("without a database, series and uptime cover the time since the process started", async () => {
  await using served = await started();
  const { points, isStored } = await read(served, "/api/v1/targets/db-9/series?step=1m");
  assertEquals(isStored, false);
  assert(points.some(({ down }: { down: number }) => down > 0) && points.every(({ up }: { up: number }) => up === 0));
  assertEquals(points[0].down, 0);
  const { targets } = await read(served, "/api/v1/uptime?window=1h&q=db-9");
  assertEquals([targets.length, targets[0].uptime], [1, 0]);
  assert(targets[0].coverage > 0 && targets[0].coverage < 0.5);
});

Deno.test("an unchanged reply is 304, a large one is compressed", async () => {
  await using served = await started();
  const path = "/api/v1/targets?fields=id";
  const { headers } = await served.ask(path);
  const etag = headers.get("ETag")!;
  const again = await served.ask(path, { headers: { "If-None-Match": `"x", ${etag}` } });
  assertEquals([again.status, again.text, again.headers.get("ETag")], [304, "", etag]);
  served.agent.monitor.remove("v6");
  assertEquals((await served.ask(path, { headers: { "If-None-Match": etag } })).status, 200);
  const large = await served.ask("/api/v1/targets", { headers: { "Accept-Encoding": "gzip" } });
  assertEquals(large.headers.get("Content-Encoding"), "gzip");
});

Deno.test("an invalid query is 400 with all its problems", async () => {
  await using served = await started();
  const { status, text } = await served.ask("/api/v1/targets?state=dwn&limit=0&q=a&q=b&cursor=x&feilds=id");
  assertEquals(status, 400);
  assertEquals(text.trim().split("\n"), [
    'state must be one of up, down, unknown, maintenance, degraded, flapping: it is "dwn"',
    "q is given 2 times: give it once",
    "cursor must be the value of next of the previous page",
    'limit must be an integer from 1 to 1000: it is "0"',
    'Unknown parameter "feilds": known are state, group, q, cursor, limit, fields',
  ]);
  for (
    const [path, problem] of [
      ["/api/v1/targets/db-9/series?from=x", "from must be a time"],
      [
        "/api/v1/targets/db-9/series?step=1s",
        "step must be longer: from and to have 86400 steps, at most 2000 are allowed",
      ],
      ["/api/v1/targets/db-9/series?step=61s", "step must be at least 1s, and above 1m a multiple of 1m"],
      ["/api/v1/targets/db-9/series?from=2&to=1", "from must be before to"],
      ["/api/v1/uptime?window=10y", "window must be a duration"],
      ["/api/v1/events?after=x", "after must be the id of an event"],
      ["/api/v1/summary?x", 'Unknown parameter "x": known are none'],
    ]
  ) {
    const { status, text } = await served.ask(path);
    assertEquals(status, 400, path);
    assertStringIncludes(text, problem);
  }
  assertEquals((await served.ask("/api/v1/targets/nothing")).status, 404);
  assertEquals((await served.ask("/api/v1/targets/nothing/series")).status, 404);
});
