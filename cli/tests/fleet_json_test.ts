/** `tcp-checker fleet status --json` and `fleet list --json`, against their schema. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Ajv2020 } from "npm:ajv@8.20.0/dist/2020.js";
import { keySubject, LIST_BUCKET, manifestKey } from "../../fleet/lib/protocol/subjects.ts";
import { eventually } from "../../fleet/tests/support/eventually.ts";
import { TestFleet } from "../../fleet/tests/support/fleet.ts";
import { natsTest } from "../../fleet/tests/support/nats_server.ts";
import { commandWith, run } from "../../tests/support/command.ts";
import schema from "../docs/tcp-checker-fleet-1.schema.json" with { type: "json" };

const validate = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false }).compile(schema);

/** Runs `fleet` with `--json`; returns its exit status, and the objects without their schema. */
async function objects(fleet: TestFleet, action: string) {
  const args = ["fleet", action, "--json", "--fleet", fleet.server.url];
  const { code, stdout, stderr } = await run(args, commandWith(`--allow-net=${fleet.server.place.hostname}`));
  assertEquals(stderr, "");
  const objects = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  for (const object of objects) assert(validate(object), JSON.stringify([object, validate.errors]));
  return { code, objects: objects.map(({ schema: _, ...object }) => object) };
}

natsTest("fleet status --json prints agents, targets that are not up and a summary that match the schema", async () => {
  await using fleet = await TestFleet.start();
  const empty = await objects(fleet, "status");
  assertEquals(empty, { code: 0, objects: [{ type: "summary", agents: 0, up: 0, down: 0, unknown: 0 }] });
  const [up, disputed, down] = ["192.0.2.1:80", "192.0.2.2:80", "192.0.2.3:80"];
  const list = await fleet.apply([up, disputed, down]);
  const agents = await Promise.all(["a", "b", "c"].map((name) => fleet.agent(name, { lease: 10_000 })));
  for (const { prober } of agents) prober.down.add(down);
  agents[0].prober.down.add(disputed);
  const isSettled = (state: Awaited<ReturnType<TestFleet["state"]>>) =>
    [up, disputed, down].every((id) => state.verdict(id).present === 3) &&
    [...state.agents.values()].every(({ lease }) => lease.list === list);
  await eventually(() => fleet.state(), isSettled);
  const { code, objects: [first, ...rest] } = await objects(fleet, "status");
  assertEquals(code, 1);
  assertMatch(first.version, /^\d+\.\d+\.\d+$/);
  assertEquals({ ...first, version: "" }, { type: "agent", name: "a", zone: "a", version: "", targets: 3, list });
  assertEquals(rest.slice(2), [
    { type: "target", id: disputed, state: "up", agree: 2, present: 3, dissent: { state: "down", zones: ["a"] } },
    { type: "target", id: down, state: "down", agree: 3, present: 3 },
    { type: "summary", agents: 3, up: 2, down: 1, unknown: 0, list },
  ]);
});

natsTest("fleet list --json prints the stored lists, and why one is damaged", async () => {
  await using fleet = await TestFleet.start();
  const [before, now] = [await fleet.apply(["a:1"]), await fleet.apply(["b:1", "c:1"])];
  const { jetstream } = await fleet.jetstream();
  await jetstream.publish(keySubject(LIST_BUCKET, manifestKey(before)), "x");
  const { code, objects: lists } = await objects(fleet, "list");
  assertEquals([code, lists.map(({ at: _, ...list }) => list)], [0, [
    { type: "list", digest: now, in_force: true, targets: 2 },
    {
      ...{ type: "list", digest: before, in_force: false },
      problem: `The key list.${before} is damaged: its SHA-256 does not match`,
    },
  ]]);
});

Deno.test("other actions of fleet reject --json", async () => {
  const { code, stderr } = await run(["fleet", "rollback", "--json"]);
  assertEquals([code, stderr.includes("--json does not work with fleet rollback")], [3, true], stderr);
});
