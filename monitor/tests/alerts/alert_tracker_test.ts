/** The alert tracker: which alerts begin and end after which events, and which a storm delays. */

import { assertEquals } from "@std/assert";
import type { Alert } from "../../lib/alerts/alert.ts";
import { AlertTracker } from "../../lib/alerts/alert_tracker.ts";
import { HeldClock } from "../support/held_clock.ts";
import { StateTable } from "../support/state_table.ts";

/** Longer than the grouping wait and the time in which changes are collected. */
const SOON = 4000;

class Scene {
  readonly clock = new HeldClock();
  readonly states = new StateTable(() => this.clock.date());
  /** The sent alerts: one list per send. */
  readonly told: string[][] = [];
  readonly alerts: Alert[] = [];
  #tracker: AlertTracker | undefined;

  get tracker(): AlertTracker {
    return this.#tracker ??= new AlertTracker(this.states, (alerts) => {
      this.alerts.push(...alerts);
      this.told.push(alerts.map(({ labels, endsAt }) => {
        const subject = labels.id ?? labels.group ?? "all";
        return `${endsAt === undefined ? "+" : "-"}${labels.alertname} ${subject}`;
      }));
    }, { wait: 2000, clock: this.clock });
  }

  /** Targets that are up. */
  up(...ids: string[]): void {
    for (const id of ids) this.tracker.take(this.states.turn(id, "up"));
  }

  down(...ids: string[]): void {
    for (const id of ids) this.tracker.take(this.states.turn(id, "down"));
  }
}

Deno.test("an alert of a target that is down begins after the wait, and ends when the target is up", async () => {
  const scene = new Scene();
  scene.up("a");
  scene.down("a");
  const wentDown = scene.clock.date();
  await scene.clock.pass(1999);
  assertEquals(scene.told, []);
  await scene.clock.pass(SOON);
  assertEquals(scene.told, [["+TargetDown a"]]);
  scene.up("a");
  const wentUp = scene.clock.date();
  await scene.clock.pass(SOON);
  assertEquals(scene.told, [["+TargetDown a"], ["-TargetDown a"]]);
  assertEquals(scene.alerts.map(({ startsAt, endsAt }) => [startsAt, endsAt]), [
    [wentDown, undefined],
    [wentDown, wentUp],
  ]);
});

Deno.test("alerts that become due within a second are sent together", async () => {
  const scene = new Scene();
  scene.up("a", "b", "c");
  scene.down("a");
  await scene.clock.pass(900);
  scene.down("b");
  await scene.clock.pass(200);
  scene.down("c");
  await scene.clock.pass(SOON);
  assertEquals(scene.told, [["+TargetDown a", "+TargetDown b"], ["+TargetDown c"]]);
});

Deno.test("a target that is up again within the wait has no alert", async () => {
  const scene = new Scene();
  scene.up("a");
  scene.down("a");
  await scene.clock.pass(1000);
  scene.up("a");
  await scene.clock.pass(SOON);
  assertEquals(scene.told, []);
});

Deno.test("a storm is one alert in place of its targets' alerts, and at its end the targets still down are sent together", async () => {
  const scene = new Scene();
  scene.up("a", "b", "c");
  scene.down("a", "b");
  await scene.clock.pass(500);
  scene.tracker.take(scene.states.storm(true));
  scene.down("c");
  await scene.clock.pass(10 * SOON);
  assertEquals(scene.told, [["+TargetStorm all"]]);
  assertEquals(scene.tracker.held, 3);
  scene.up("b");
  scene.tracker.take(scene.states.storm(false));
  await scene.clock.pass(SOON);
  assertEquals(scene.told, [["+TargetStorm all"], ["-TargetStorm all", "+TargetDown a", "+TargetDown c"]]);
  scene.up("a", "c");
  await scene.clock.pass(SOON);
  assertEquals(scene.told[2], ["-TargetDown a", "-TargetDown c"]);
});

Deno.test("the storm of a group delays no other group's alerts", async () => {
  const scene = new Scene();
  scene.tracker.take(scene.states.turn("a", "down", { group: "x" }));
  scene.tracker.take(scene.states.turn("b", "down", { group: "y" }));
  scene.tracker.take(scene.states.storm(true, "x"));
  await scene.clock.pass(SOON);
  assertEquals(scene.told.flat(), ["+TargetStorm x", "+TargetDown b"]);
});

Deno.test("a storm over all targets keeps the alerts of a group whose own storm ends", async () => {
  const scene = new Scene();
  scene.tracker.take(scene.states.turn("a", "down", { group: "x" }));
  scene.tracker.take(scene.states.storm(true, "x"));
  scene.tracker.take(scene.states.storm(true));
  scene.tracker.take(scene.states.storm(false, "x"));
  await scene.clock.pass(SOON);
  assertEquals(scene.told.flat(), ["+TargetStorm all"]);
  scene.tracker.take(scene.states.storm(false));
  await scene.clock.pass(SOON);
  assertEquals(scene.told.flat(), ["+TargetStorm all", "-TargetStorm all", "+TargetDown a"]);
});

Deno.test("the alert of flapping replaces the alerts of transitions", async () => {
  const scene = new Scene();
  scene.up("a");
  scene.down("a");
  await scene.clock.pass(SOON);
  scene.tracker.take(scene.states.flag("a", "flapping", true));
  for (let turn = 0; turn < 3; turn++) {
    scene.tracker.take(scene.states.turn("a", "up", { flapping: true }));
    scene.tracker.take(scene.states.turn("a", "down", { flapping: true }));
    await scene.clock.pass(SOON);
  }
  assertEquals(scene.told, [["+TargetDown a"], ["-TargetDown a", "+TargetFlapping a"]]);
  scene.tracker.take(scene.states.flag("a", "flapping", false));
  await scene.clock.pass(SOON);
  assertEquals(scene.told.slice(2).flat(), ["-TargetFlapping a", "+TargetDown a"]);
});

Deno.test("maintenance and removal end an alert, and an unknown state does not", async () => {
  const scene = new Scene();
  scene.down("a", "b", "c");
  await scene.clock.pass(SOON);
  scene.tracker.take(scene.states.maintain("a", true));
  scene.tracker.take(scene.states.remove("b"));
  scene.tracker.take(scene.states.turn("c", "unknown"));
  await scene.clock.pass(SOON);
  assertEquals(scene.told[1], ["-TargetDown a", "-TargetDown b"]);
  scene.up("c");
  await scene.clock.pass(SOON);
  assertEquals(scene.told[2], ["-TargetDown c"]);
});

Deno.test("a tracker creates alerts for targets that are down at its start, with their start times", async () => {
  const scene = new Scene();
  const since = scene.clock.date() - 3_600_000;
  scene.states.set("a", { state: "down", since });
  scene.states.set("b", { state: "up", since });
  assertEquals(scene.tracker.held, 1);
  await scene.clock.pass(SOON);
  assertEquals(scene.told, [["+TargetDown a"]]);
  assertEquals(scene.alerts[0].startsAt, since);
});

Deno.test("an announced alert of a target that is added later is sent again, and ends", async () => {
  const clock = new HeldClock();
  const states = new StateTable(() => clock.date());
  const told: string[] = [];
  const onAlerts = (alerts: readonly Alert[]) => void told.push(...alerts.map(({ endsAt }) => endsAt ? "-" : "+"));
  const tracker = new AlertTracker(states, onAlerts, { wait: 1e9, clock, announced: ["a"] });
  await clock.pass(SOON);
  assertEquals(told, []);
  tracker.take(states.turn("a", "down"));
  await clock.pass(SOON);
  tracker.take(states.turn("a", "up"));
  await clock.pass(SOON);
  tracker.take(states.turn("a", "down"));
  await clock.pass(SOON);
  assertEquals(told, ["+", "-"]);
});

Deno.test("an announced alert is not sent for another target with the id, which comes without a state", async () => {
  const clock = new HeldClock();
  const states = new StateTable(() => clock.date());
  const told: (readonly Alert[])[] = [];
  const tracker = new AlertTracker(states, (alerts) => void told.push(alerts), { wait: 1e9, clock, announced: ["a"] });
  tracker.take(states.turn("a", "unknown"));
  tracker.take(states.turn("a", "down"));
  await clock.pass(SOON);
  assertEquals(told, []);
});

Deno.test("a tracker reads the states again after lost events", async () => {
  const scene = new Scene();
  scene.up("a", "b");
  scene.down("a");
  scene.tracker.take(scene.states.storm(true));
  await scene.clock.pass(SOON);
  scene.states.turn("a", "up");
  scene.states.turn("b", "down");
  scene.tracker.take({ type: "lost", count: 3, at: scene.clock.date() });
  await scene.clock.pass(SOON);
  assertEquals(scene.told, [["+TargetStorm all"], ["-TargetStorm all"], ["+TargetDown b"]]);
});

Deno.test("an alert that ends, begins and ends before it is sent is sent as resolved", async () => {
  const scene = new Scene();
  scene.up("a");
  scene.tracker.take(scene.states.flag("a", "degraded", true));
  await scene.clock.pass(SOON);
  scene.tracker.take(scene.states.flag("a", "degraded", false));
  scene.tracker.take(scene.states.flag("a", "degraded", true));
  scene.tracker.take(scene.states.flag("a", "degraded", false));
  await scene.clock.pass(SOON);
  assertEquals(scene.told, [["+TargetDegraded a"], ["-TargetDegraded a"]]);
});

Deno.test("labels identify the target and contain no state", async () => {
  const scene = new Scene();
  scene.states.set("db", {
    state: "up",
    target: "192.0.2.1:5432",
    group: "databases",
    labels: { team: "core", id: "x" },
  });
  scene.tracker.take(scene.states.turn("db", "down", {
    ...scene.states.get("db"),
    state: "down",
    result: { status: "refused", code: "ECONNREFUSED" } as never,
  }));
  await scene.clock.pass(SOON);
  const [{ labels, annotations }] = scene.alerts;
  assertEquals(labels, {
    team: "core",
    alertname: "TargetDown",
    id: "db",
    target: "192.0.2.1:5432",
    group: "databases",
  });
  assertEquals(annotations, {
    summary: "db (192.0.2.1:5432) is down: refused ECONNREFUSED",
    reason: "refused ECONNREFUSED",
  });
});
