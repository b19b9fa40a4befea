/** The webhook: its requests, and receivers that are down, slow or answer with an error. */

import { assertEquals, assertThrows } from "@std/assert";
import { WebhookSink } from "../../lib/sinks/webhook.ts";
import { eventually, freePort } from "../support/daemon.ts";
import { HeldClock } from "../support/held_clock.ts";
import { type Posted, Receiver } from "../support/receiver.ts";
import { StateTable } from "../support/state_table.ts";

const SOON = 4000;

class Fixture implements AsyncDisposable {
  readonly clock = new HeldClock();
  readonly states = new StateTable(() => this.clock.date());
  readonly failures: string[] = [];
  readonly sink: WebhookSink;

  constructor(url: string, timeout?: number) {
    const onFailure = (message: string) => this.failures.push(message);
    const receiver = { url, headers: { Authorization: "Bearer token" }, timeout };
    this.sink = new WebhookSink(this.states, receiver, { wait: 2000, clock: this.clock, onFailure });
  }

  async changeState(id: string, to: "up" | "down"): Promise<void> {
    this.sink.take(this.states.transition(id, to));
    await this.clock.pass(SOON);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.sink[Symbol.asyncDispose]();
  }
}

/** The content of messages, in short form. */
function inShort(posted: readonly Posted[]): string[] {
  return posted.map(({ body }) =>
    `${body.status} ${body.alerts.map((alert: { labels: { id: string } }) => alert.labels.id)}`
  );
}

Deno.test("a webhook gets Alertmanager's message when an alert begins, and when it ends", async () => {
  await using receiver = new Receiver();
  await using fixture = new Fixture(`${receiver.url}/hook`);
  await fixture.changeState("a", "down");
  await receiver.until(1);
  await fixture.changeState("a", "up");
  await receiver.until(2);
  const [first, second] = receiver.posted;
  assertEquals(first.path, "/hook");
  assertEquals(first.headers.get("Authorization"), "Bearer token");
  const labels = { alertname: "TargetDown", id: "a", target: "a:80" };
  const annotations = { summary: "a (a:80) is down" };
  const { alerts: [{ fingerprint }] } = first.body;
  assertEquals(first.body, {
    version: "4",
    groupKey: '{}:{alertname="TargetDown"}',
    truncatedAlerts: 0,
    status: "firing",
    receiver: "tcp-checker",
    groupLabels: { alertname: "TargetDown" },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: "",
    alerts: [{
      status: "firing",
      labels,
      annotations,
      startsAt: "2026-11-28T00:00:00.000Z",
      endsAt: "0001-01-01T00:00:00Z",
      generatorURL: "",
      fingerprint,
    }],
  });
  assertEquals(second.body.status, "resolved");
  assertEquals(second.body.alerts[0].endsAt, "2026-11-28T00:00:04.000Z");
  assertEquals(second.body.alerts[0].fingerprint, fingerprint);
  assertEquals(fixture.sink.statistics(), { delivered: 2, failed: 0, dropped: 0, waiting: 0 });
});

Deno.test("a receiver that was down for an hour gets each message once, in order", async () => {
  const port = freePort();
  await using fixture = new Fixture(`http://127.0.0.1:${port}/secret`);
  await fixture.changeState("a", "down");
  await eventually(() => fixture.failures.length, (count) => count === 1);
  await fixture.changeState("b", "down");
  await fixture.changeState("a", "up");
  // Each attempt is awaited: its end sets the timer of the next one.
  for (let attempt = 2; fixture.clock.now() < 3_600_000; attempt++) {
    await fixture.clock.pass(60_000);
    await eventually(() => fixture.failures.length, (count) => count === attempt);
  }
  await using receiver = new Receiver(undefined, port);
  await fixture.clock.pass(60_000);
  await eventually(() => fixture.sink.statistics().waiting, (waiting) => waiting === 0);
  assertEquals(inShort(receiver.posted), ["firing a", "firing b", "resolved a"]);
  assertEquals(fixture.failures.filter((message) => message.includes("secret")), []);
});

Deno.test("a 5xx status is retried, a 4xx status is not", async () => {
  const statuses = [503, 429, 200, 400, 302, 200];
  await using receiver = new Receiver(() => {
    const status = statuses.shift()!;
    return new Response(status === 400 ? "bad\nbody" : null, { status, headers: { Location: "http://127.0.0.1:1/" } });
  });
  await using fixture = new Fixture(receiver.url);
  const host = new URL(receiver.url).host;
  await fixture.changeState("a", "down");
  for (const attempts of [2, 3]) {
    await eventually(() => fixture.failures.length, (count) => count === attempts - 1);
    await fixture.clock.pass(2000);
    await receiver.until(attempts);
  }
  await fixture.changeState("b", "down");
  await receiver.until(4);
  await fixture.changeState("c", "down");
  await receiver.until(5);
  await fixture.changeState("d", "down");
  await receiver.until(6);
  await eventually(() => fixture.sink.statistics().delivered, (delivered) => delivered === 2);
  assertEquals(inShort(receiver.posted), [
    ...Array.from({ length: 3 }, () => "firing a"),
    "firing b",
    "firing c",
    "firing d",
  ]);
  assertEquals(fixture.failures, [
    `Cannot send alerts: ${host} answers with status 503`,
    `Cannot send alerts: ${host} answers with status 429`,
    `Cannot send alerts: ${host} answers with status 400: bad body`,
    `Cannot send alerts: ${host} answers with status 302`,
  ]);
  assertEquals(fixture.sink.statistics(), { delivered: 2, failed: 4, dropped: 2, waiting: 0 });
});

Deno.test("over 1,000 alerts are split into several messages", async () => {
  await using receiver = new Receiver();
  await using fixture = new Fixture(receiver.url);
  for (let i = 0; i < 2500; i++) fixture.sink.take(fixture.states.transition(String(i), "down"));
  await fixture.clock.pass(SOON);
  await receiver.until(3);
  assertEquals(receiver.posted.map(({ body }) => body.alerts.length), [1000, 1000, 500]);
});

Deno.test("of over 1,000 waiting messages the oldest are dropped, except the message in transit", async () => {
  const port = freePort();
  await using fixture = new Fixture(`http://127.0.0.1:${port}`);
  for (let i = 0; i < 1003; i++) await fixture.changeState(String(i), "down");
  assertEquals(fixture.sink.statistics().waiting, 1000);
  assertEquals(fixture.sink.statistics().dropped, 3);
  await using receiver = new Receiver(undefined, port);
  // A pending attempt sets the timer of the next one when it fails.
  await eventually(() => fixture.clock.pass(60_000), () => receiver.posted.length >= 1000);
  assertEquals(inShort(receiver.posted).slice(0, 2), ["firing 0", "firing 4"]);
});

Deno.test("a request to an unresponsive receiver fails after the timeout", async () => {
  const release = Promise.withResolvers<Response>();
  await using receiver = new Receiver(() => release.promise);
  await using fixture = new Fixture(receiver.url, 50);
  await fixture.changeState("a", "down");
  await eventually(() => fixture.failures.length, (count) => count === 1);
  assertEquals(fixture.failures, [`Cannot send alerts: ${new URL(receiver.url).host} does not answer within 0.05 s`]);
  release.resolve(new Response());
});

Deno.test("the end of the sink sends queued messages, and resolves no alert", async () => {
  await using receiver = new Receiver();
  const fixture = new Fixture(receiver.url);
  await fixture.changeState("a", "down");
  await receiver.until(1);
  fixture.sink.take(fixture.states.flag("a", "flapping", true));
  await fixture.sink[Symbol.asyncDispose]();
  assertEquals(inShort(receiver.posted), ["firing a", "resolved a", "firing a"]);
});

Deno.test("the end of the sink waits at most 1.5 s for an unresponsive receiver", async () => {
  const released = Promise.withResolvers<Response>();
  await using receiver = new Receiver(() => released.promise);
  const fixture = new Fixture(receiver.url, 3_600_000);
  await fixture.changeState("a", "down");
  await receiver.until(1);
  let hasEnded = false;
  const ending = fixture[Symbol.asyncDispose]().then(() => hasEnded = true);
  await fixture.clock.pass(1499);
  assertEquals([hasEnded, fixture.failures], [false, []]);
  await fixture.clock.pass(1);
  await ending;
  const { host } = new URL(receiver.url);
  assertEquals(fixture.failures, [`Cannot send alerts: ${host} did not answer before the end of the monitor`]);
  released.resolve(new Response());
});

Deno.test("user and password of a URL are sent as basic authentication, and are in no message", async () => {
  const states = new StateTable(() => 0);
  const { promise, resolve } = Promise.withResolvers<string | null>();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    resolve(request.headers.get("Authorization"));
    return new Response("no", { status: 400 });
  });
  const failures: string[] = [];
  const url = `http://user:p%C3%A4ss@127.0.0.1:${server.addr.port}/`;
  const sink = new WebhookSink(states, { url }, { wait: 0, onFailure: (message) => failures.push(message) });
  sink.take(states.transition("a", "down"));
  const bytes = new TextEncoder().encode("user:päss");
  assertEquals(await promise, `Basic ${btoa(String.fromCharCode(...bytes))}`);
  await sink[Symbol.asyncDispose]();
  assertEquals([failures.length, failures.join().includes("ss@")], [1, false]);
});

Deno.test("a port that fetch() blocks is named", async () => {
  const states = new StateTable(() => 0);
  const failure = Promise.withResolvers<string>();
  await using sink = new WebhookSink(states, { url: "http://127.0.0.1:9/" }, {
    wait: 0,
    onFailure: failure.resolve,
  });
  sink.take(states.transition("a", "down"));
  assertEquals(
    await failure.promise,
    "Cannot send alerts: 127.0.0.1:9 can't be reached: Requests to port 9 are blocked",
  );
});

Deno.test("a malformed URL is an error that does not contain it", () => {
  const states = new StateTable(() => 0);
  for (const url of ["secret", "ftp://secret", ""]) {
    const error = assertThrows(() => new WebhookSink(states, { url }), TypeError) as Error;
    assertEquals(error.message.includes("secret"), false);
  }
});
