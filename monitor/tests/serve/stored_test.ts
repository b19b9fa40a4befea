/** The API, the pages and the metrics over a stored history, and while it can't be read. */

import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { closedPort } from "../../../tests/support/listener.ts";
import { withDeadline } from "../../lib/history/deadline.ts";
import { startServer } from "../../lib/serve/mod.ts";
import { AgentFile } from "../support/agent_file.ts";
import { MessageStream } from "../support/event_source.ts";
import { WrittenHistory } from "../support/written_history.ts";

const CONFIGURATION = `
monitor: { interval: 50ms, timeout: 50ms, fall: 1 }
targets: [{ target: "${closedPort()}", id: db }]
`;

/** Runs an agent with a history and a server. */
async function withAgent(
  act: (url: string, file: AgentFile) => Promise<void>,
  prepare: (database: string) => void = () => {},
): Promise<void> {
  await using file = new AgentFile(CONFIGURATION);
  const database = `${file.folder}/history.db`;
  prepare(database);
  await using agent = await file.start({ database, listen: "127.0.0.1:0", startServer });
  await file.until(() => file.events.some(({ type }) => type === "transition"));
  await act(`http://127.0.0.1:${agent.address!.port}`, file);
}

function damage(database: string): void {
  Deno.writeTextFileSync(database, "This is no database, and long enough to be read as one. ".repeat(100));
}

Deno.test("the API continues after an event of a previous run", async () => {
  await using file = new AgentFile(CONFIGURATION);
  const options = { database: `${file.folder}/history.db`, listen: "127.0.0.1:0", startServer };
  {
    await using _first = await file.start(options);
    await file.until(() => file.events.some(({ type }) => type === "transition"));
  }
  await using agent = await file.start(options);
  const read = async (path: string) => await (await fetch(`http://127.0.0.1:${agent.address!.port}${path}`)).json();
  const { events: [down] } = await read("/api/v1/events?target=db");
  assertEquals([down.event.type, down.event.to], ["transition", "down"]);
  agent.monitor.setMaintenance("db", true);
  let after = { events: [] as { event: { type: string } }[], lost: undefined as boolean | undefined };
  while (after.events.length === 0) after = await read(`/api/v1/events?after=${down.id}`);
  assertEquals([after.events.map(({ event }) => event.type), after.lost], [["maintenance"], undefined]);
  const { isStored, targets } = await read("/api/v1/uptime");
  assertEquals([isStored, targets.length], [true, 1]);
});

/**
 * Runs an agent, changes a target's state twice, and calls `act` with the stream's URL and a function that changes it
 * again.
 */
async function withEvents(
  file: AgentFile,
  act: (url: string, changeState: () => void) => Promise<void>,
): Promise<void> {
  const options = { database: `${file.folder}/history.db`, listen: "127.0.0.1:0", startServer };
  await using agent = await file.start(options);
  const changeState = () => {
    agent.monitor.setMaintenance("db", true);
    agent.monitor.setMaintenance("db", false);
  };
  await act(`http://127.0.0.1:${agent.address!.port}/api/v1/events`, changeState);
}

/**
 * Starts an agent twice. Returns the ids of the first run, and the messages of a client that resumes in the second run.
 */
async function resume(
  last: (ids: readonly string[]) => string,
  between: (database: string) => void = () => {},
): Promise<{ ids: readonly string[]; messages: readonly { id?: string; type: string }[] }> {
  await using file = new AgentFile(`targets: [{ target: "${closedPort()}", id: db, interval: 1h, initial: fully-up }]`);
  const ids: string[] = [];
  await withEvents(file, async (url, changeState) => {
    await using stream = await MessageStream.open(url);
    ids.push((await stream.next(true)).id!);
    changeState();
    changeState();
    while (ids.length < 5) ids.push((await stream.next()).id!);
  });
  between(`${file.folder}/history.db`);
  const messages: { id?: string; type: string }[] = [];
  await withEvents(file, async (url, changeState) => {
    changeState();
    await using stream = await MessageStream.open(url, { "Last-Event-ID": last(ids) });
    changeState();
    while (messages.filter(({ id }) => id !== undefined && !ids.includes(id)).length < 4) {
      const { id, data } = await stream.next();
      messages.push({ id, type: JSON.parse(data).type });
    }
  });
  return { ids, messages };
}

Deno.test("a stream continues after an event of a previous run, with each event once", async () => {
  for (const seen of [0, 2, 4]) {
    const { ids, messages } = await resume((ids) => ids[seen]);
    const [boot] = messages.at(-1)!.id!.split("-");
    const expected = [...ids.slice(seen + 1), ...[1, 2, 3, 4].map((sequence) => `${boot}-${sequence}`)];
    assertEquals(messages, expected.map((id) => ({ id, type: "maintenance" })));
  }
});

Deno.test("a stream that continues where events may be missing begins with `lost`", async () => {
  const edit = (sql: string) => (database: string) => {
    using db = new DatabaseSync(database);
    db.exec(sql);
  };
  const cases: [string, (database: string) => void, number][] = [
    ["a run that was killed", edit("UPDATE runs SET clean = 0"), 4],
    ["an event that was not written", edit("DELETE FROM events WHERE sequence = 3"), 3],
    ["the client's event was deleted", edit("DELETE FROM events WHERE sequence <= 2"), 2],
  ];
  for (const [name, between, stored] of cases) {
    const { ids, messages } = await resume((ids) => ids[name.startsWith("the client") ? 2 : 0], between);
    assertEquals(messages[0], { id: undefined, type: "lost" }, name);
    const old = messages.filter(({ id }) => id !== undefined && ids.includes(id));
    assertEquals(old.length, stored, name);
    assertEquals(messages.filter(({ type }) => type === "lost").length, 1, name);
  }
});

Deno.test("a restored state counts from the start of the process in steps of seconds", async () => {
  await using file = new AgentFile(CONFIGURATION);
  const options = { database: `${file.folder}/history.db`, listen: "127.0.0.1:0", startServer };
  {
    await using _first = await file.start(options);
    await file.until(() => file.events.some(({ type }) => type === "transition"));
  }
  {
    // The state has lasted for an hour.
    using db = new DatabaseSync(options.database);
    db.exec("UPDATE states SET since = since - 3600000");
  }
  const start = Date.now();
  await using agent = await file.start(options);
  const url = `http://127.0.0.1:${agent.address!.port}`;
  assert(agent.monitor.get("db")!.since < start - 3_000_000);
  const { points } = await (await fetch(`${url}/api/v1/targets/db/series?from=${start - 60_000}&step=1s`)).json();
  const down = points.reduce((sum: number, { down }: { down: number }) => sum + down, 0);
  assert(down > 0 && down <= Date.now() - start, `${down} ms of ${Date.now() - start}`);
});

Deno.test("the metrics, the API and the page have the same uptime", async () => {
  const MINUTE = 60_000;
  const DAY = 86_400_000;
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  await withAgent(
    async (url) => {
      const read = async (path: string) => await (await fetch(url + path)).text();
      const metric = (text: string, window: string) =>
        Number(text.match(new RegExp(`^tcp_checker_uptime_${window}_ratio\\{id="db",group=""\\} (.*)$`, "m"))?.[1]);
      // The first scrape starts the read.
      let text = "";
      while (Number.isNaN(metric(text, "30d"))) text = await read("/metrics");
      for (const [window, expected] of [["24h", 0.75], ["30d", 0.5]] as const) {
        const { targets: [{ uptime }] } = JSON.parse(await read(`/api/v1/uptime?window=${window}`));
        // The windows differ by the time between the requests.
        assert(Math.abs(metric(text, window) - uptime) < 1e-3, `${metric(text, window)} ${uptime}`);
        assert(Math.abs(uptime - expected) < 1e-2, `${uptime}`);
      }
      assertMatch(await read("/"), />7[45]\.\d+ %</);
    },
    (database) => {
      // Up for 75 % of each minute of the last day, and for 25 % of each of the day before.
      {
        using history = new WrittenHistory(database, 1);
        for (let minute = now - 2 * DAY; minute < now; minute += MINUTE) {
          history.write(minute, minute < now - DAY ? 0.25 : 0.75);
        }
      }
      using db = new DatabaseSync(database);
      db.exec("UPDATE targets SET id = 'db'");
    },
  );
});

Deno.test("a history that can't be read is 503 for the API, a note on the pages, and a metric", async () => {
  await withAgent(async (url) => {
    for (const path of ["/api/v1/uptime", "/api/v1/events", "/api/v1/targets/db/series"]) {
      const response = await fetch(url + path);
      assertEquals([response.status, response.headers.get("Retry-After")], [503, "10"], path);
      assertStringIncludes(await response.text(), "it is not an SQLite database, or it is damaged");
    }
    for (const path of ["/", "/?window=90d", "/targets/db"]) {
      const response = await fetch(url + path);
      assertEquals(response.status, 200);
      const text = await response.text();
      assertEquals(text.split("The history is unavailable: Cannot use").length, 2, `${path}: one note`);
      assertStringIncludes(text, "The events can&#39;t be read now", path);
    }
    const metrics = await (await fetch(`${url}/metrics`)).text();
    assertStringIncludes(metrics, "tcp_checker_history_up 0\n");
    assert(/^tcp_checker_history_write_failures_total [1-9]/m.test(metrics));
  }, damage);
});

Deno.test("a read that takes too long is an error", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  await assertRejects(() => withDeadline(1, promise), Error, "the file was not read within 0.001 s");
  resolve(1);
  assertEquals(await withDeadline(60_000, promise), 1);
});
