/** The alert tracker: which alerts begin and end after which events, and which a storm delays. */

import { assertEquals } from "@std/assert";
import type { Alert } from "../../lib/alerts/alert.ts";
import { AlertTracker } from "../../lib/alerts/alert_tracker.ts";
import { HeldClock } from "../support/held_clock.ts";
import { StateTable } from "../support/state_table.ts";

/** Longer than the grouping wait and the time in which changes are collected. */
const SOON = 4000;

class Fixture {
  readonly clock = new HeldClock();
  readonly states = new StateTable(() => this.clock.date());
  /** The sent alerts: one list per send. */
  readonly sent: string[][] = [];
  readonly alerts: Alert[] = [];
  #tracker: AlertTracker | undefined;

  get tracker(): AlertTracker {
    return this.#tracker ??= new AlertTracker(this.states, (alerts) => {
      this.alerts.push(...alerts);
      this.sent.push(alerts.map(({ labels, endsAt }) => {
        const subject = labels.id ?? labels.group ?? "all";
        return `${endsAt === undefined ? "+" : "-"}${labels.alertname} ${subject}`;
      }));
    }, { wait: 2000, clock: this.clock });
  }

  /** Targets that are up. */
  up(...ids: string[]): void {
    for (const id of ids) this.tracker.take(this.states.transition(id, "up"));
  }

  down(...ids: string[]): void {
    for (const id of ids) this.tracker.take(this.states.transition(id, "down"));
  }
}

Deno.test("an alert of a target that is down begins after the wait, and ends when the target is up", async () => {
  const fixture = new Fixture();
  fixture.up("a");
  fixture.down("a");
  const wentDown = fixture.clock.date();
  await fixture.clock.pass(1999);
  assertEquals(fixture.sent, []);
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent, [["+TargetDown a"]]);
  fixture.up("a");
  const wentUp = fixture.clock.date();
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent, [["+TargetDown a"], ["-TargetDown a"]]);
  assertEquals(fixture.alerts.map(({ startsAt, endsAt }) => [startsAt, endsAt]), [
    [wentDown, undefined],
    [wentDown, wentUp],
  ]);
});

Deno.test("alerts that become due within a second are sent together", async () => {
  const fixture = new Fixture();
  fixture.up("a", "b", "c");
  fixture.down("a");
  await fixture.clock.pass(900);
  fixture.down("b");
  await fixture.clock.pass(200);
  fixture.down("c");
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent, [["+TargetDown a", "+TargetDown b"], ["+TargetDown c"]]);
});

Deno.test("a target that is up again within the wait has no alert", async () => {
  const fixture = new Fixture();
  fixture.up("a");
  fixture.down("a");
  await fixture.clock.pass(1000);
  fixture.up("a");
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent, []);
});

Deno.test("a storm is one alert in place of its targets' alerts, and at its end the targets still down are sent together", async () => {
  const fixture = new Fixture();
  fixture.up("a", "b", "c");
  fixture.down("a", "b");
  await fixture.clock.pass(500);
  fixture.tracker.take(fixture.states.storm(true));
  fixture.down("c");
  await fixture.clock.pass(10 * SOON);
  assertEquals(fixture.sent, [["+TargetStorm all"]]);
  assertEquals(fixture.tracker.held, 3);
  fixture.up("b");
  fixture.tracker.take(fixture.states.storm(false));
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent, [["+TargetStorm all"], ["-TargetStorm all", "+TargetDown a", "+TargetDown c"]]);
  fixture.up("a", "c");
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent[2], ["-TargetDown a", "-TargetDown c"]);
});

Deno.test("the storm of a group delays no other group's alerts", async () => {
  const fixture = new Fixture();
  fixture.tracker.take(fixture.states.transition("a", "down", { group: "x" }));
  fixture.tracker.take(fixture.states.transition("b", "down", { group: "y" }));
  fixture.tracker.take(fixture.states.storm(true, "x"));
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent.flat(), ["+TargetStorm x", "+TargetDown b"]);
});

Deno.test("a storm over all targets keeps the alerts of a group whose own storm ends", async () => {
  const fixture = new Fixture();
  fixture.tracker.take(fixture.states.transition("a", "down", { group: "x" }));
  fixture.tracker.take(fixture.states.storm(true, "x"));
  fixture.tracker.take(fixture.states.storm(true));
  fixture.tracker.take(fixture.states.storm(false, "x"));
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent.flat(), ["+TargetStorm all"]);
  fixture.tracker.take(fixture.states.storm(false));
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent.flat(), ["+TargetStorm all", "-TargetStorm all", "+TargetDown a"]);
});

Deno.test("the alert of flapping replaces the alerts of transitions", async () => {
  const fixture = new Fixture();
  fixture.up("a");
  fixture.down("a");
  await fixture.clock.pass(SOON);
  fixture.tracker.take(fixture.states.flag("a", "flapping", true));
  for (let round = 0; round < 3; round++) {
    fixture.tracker.take(fixture.states.transition("a", "up", { flapping: true }));
    fixture.tracker.take(fixture.states.transition("a", "down", { flapping: true }));
    await fixture.clock.pass(SOON);
  }
  assertEquals(fixture.sent, [["+TargetDown a"], ["-TargetDown a", "+TargetFlapping a"]]);
  fixture.tracker.take(fixture.states.flag("a", "flapping", false));
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent.slice(2).flat(), ["-TargetFlapping a", "+TargetDown a"]);
});

Deno.test("maintenance and removal end an alert, and an unknown state does not", async () => {
  const fixture = new Fixture();
  fixture.down("a", "b", "c");
  await fixture.clock.pass(SOON);
  fixture.tracker.take(fixture.states.maintain("a", true));
  fixture.tracker.take(fixture.states.remove("b"));
  fixture.tracker.take(fixture.states.transition("c", "unknown"));
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent[1], ["-TargetDown a", "-TargetDown b"]);
  fixture.up("c");
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent[2], ["-TargetDown c"]);
});

Deno.test("a tracker creates alerts for targets that are down at its start, with their start times", async () => {
  const fixture = new Fixture();
  const since = fixture.clock.date() - 3_600_000;
  fixture.states.set("a", { state: "down", since });
  fixture.states.set("b", { state: "up", since });
  assertEquals(fixture.tracker.held, 1);
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent, [["+TargetDown a"]]);
  assertEquals(fixture.alerts[0].startsAt, since);
});

Deno.test("an announced alert of a target that is added later is sent again, and ends", async () => {
  const clock = new HeldClock();
  const states = new StateTable(() => clock.date());
  const sent: string[] = [];
  const onAlerts = (alerts: readonly Alert[]) => void sent.push(...alerts.map(({ endsAt }) => endsAt ? "-" : "+"));
  const tracker = new AlertTracker(states, onAlerts, { wait: 1e9, clock, announced: ["a"] });
  await clock.pass(SOON);
  assertEquals(sent, []);
  tracker.take(states.transition("a", "down"));
  await clock.pass(SOON);
  tracker.take(states.transition("a", "up"));
  await clock.pass(SOON);
  tracker.take(states.transition("a", "down"));
  await clock.pass(SOON);
  assertEquals(sent, ["+", "-"]);
});

Deno.test("an announced alert is not sent while the state is unknown", async () => {
  const clock = new HeldClock();
  const states = new StateTable(() => clock.date());
  const sent: [string, number, number?][] = [];
  const onAlerts = (alerts: readonly Alert[]) => {
    for (const { labels, startsAt, endsAt } of alerts) {
      sent.push(endsAt === undefined ? [labels.id, startsAt] : [labels.id, startsAt, endsAt]);
    }
  };
  for (const id of ["a", "b"]) states.set(id, { state: "unknown" });
  const tracker = new AlertTracker(states, onAlerts, { wait: 1e9, clock, announced: ["a", "b"] });
  await clock.pass(SOON);
  assertEquals([sent, [...tracker.firing()]], [[], []]);
  const since = clock.date();
  tracker.take(states.transition("a", "down"));
  tracker.take(states.transition("b", "up"));
  await clock.pass(SOON);
  assertEquals(sent.map(([id, start, end]) => [id, id === "a" && start, end]), [["a", since, undefined], [
    "b",
    false,
    since,
  ]]);
  assertEquals([...tracker.firing()].map(({ labels }) => labels.id), ["a"]);
});

Deno.test("an announced alert is not sent for another target with the id, which comes without a state", async () => {
  const clock = new HeldClock();
  const states = new StateTable(() => clock.date());
  const sent: (readonly Alert[])[] = [];
  const tracker = new AlertTracker(states, (alerts) => void sent.push(alerts), { wait: 1e9, clock, announced: ["a"] });
  tracker.take(states.transition("a", "unknown"));
  tracker.take(states.transition("a", "down"));
  await clock.pass(SOON);
  assertEquals(sent, []);
});

Deno.test("a tracker reads the states again after lost events", async () => {
  const fixture = new Fixture();
  fixture.up("a", "b");
  fixture.down("a");
  fixture.tracker.take(fixture.states.storm(true));
  await fixture.clock.pass(SOON);
  fixture.states.transition("a", "up");
  fixture.states.transition("b", "down");
  fixture.tracker.take({ type: "lost", count: 3, at: fixture.clock.date() });
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent, [["+TargetStorm all"], ["-TargetStorm all"], ["+TargetDown b"]]);
});

Deno.test("an alert that ends, begins and ends before it is sent is sent as resolved", async () => {
  const fixture = new Fixture();
  fixture.up("a");
  fixture.tracker.take(fixture.states.flag("a", "degraded", true));
  await fixture.clock.pass(SOON);
  fixture.tracker.take(fixture.states.flag("a", "degraded", false));
  fixture.tracker.take(fixture.states.flag("a", "degraded", true));
  fixture.tracker.take(fixture.states.flag("a", "degraded", false));
  await fixture.clock.pass(SOON);
  assertEquals(fixture.sent, [["+TargetDegraded a"], ["-TargetDegraded a"]]);
});

Deno.test("labels identify the target and contain no state", async () => {
  const fixture = new Fixture();
  fixture.states.set("db", {
    state: "up",
    target: "192.0.2.1:5432",
    group: "databases",
    labels: { team: "core", id: "x" },
  });
  fixture.tracker.take(fixture.states.transition("db", "down", {
    ...fixture.states.get("db"),
    state: "down",
    result: { status: "refused", code: "ECONNREFUSED" } as never,
  }));
  await fixture.clock.pass(SOON);
  const [{ labels, annotations }] = fixture.alerts;
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
