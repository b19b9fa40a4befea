/** The page of a hub: a matrix of targets by zones. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { startServer } from "@tcp-shaker/monitor/serve";
import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { natsTest } from "../support/nats_server.ts";

const TARGETS = ["192.0.2.1:80", "192.0.2.2:80"];

/** Text of a page, without tags. */
async function read(url: string): Promise<string> {
  const text = await (await fetch(url)).text();
  return text.replaceAll(/<(?:title|desc)>.*?<\/\w+>|<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
}

natsTest("the page and the API of a hub show the vote of each zone", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS);
  const { hub } = await fleet.hub("one", { listen: "127.0.0.1:0", startServer });
  const agents = await Promise.all(["eu", "us", "ap"].map((name) => fleet.agent(name, { lease: 10_000 })));
  const witnesses = () => [...hub.monitor.states()].flatMap(({ witnesses }) => witnesses!.map(({ state }) => state));
  await eventually(witnesses, (states) => states.length === 6 && states.every((state) => state === "up"));
  agents[0].prober.down.add(TARGETS[0]);
  await eventually(() => hub.monitor.get(TARGETS[0])!.witnesses!.some(({ state }) => state === "down"), Boolean);
  const url = `http://127.0.0.1:${hub.address!.port}`;
  assertStringIncludes(await read(`${url}/`), "ap : Up eu : Down us : Up");
  assertStringIncludes(await read(`${url}/targets/${TARGETS[0]}`), "Zone Agent State For Reason ap ap Up");
  const { target } = await (await fetch(`${url}/api/v1/targets/${TARGETS[0]}`)).json();
  assertEquals(
    target.witnesses.map(({ zone, state }: { zone: string; state: string }) => `${zone} ${state}`).sort(),
    ["ap up", "eu down", "us up"],
  );
});
