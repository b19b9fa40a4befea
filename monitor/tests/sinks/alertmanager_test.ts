/** Alerts in a real Alertmanager: they fire, are resent, are grouped, are resolved, and survive its restart. */

import { assert, assertEquals } from "@std/assert";
import { AlertmanagerSink } from "../../lib/sinks/alertmanager.ts";
import { fingerprint } from "../../lib/alerts/fingerprint.ts";
import { Daemon, eventually, freePort } from "../support/daemon.ts";
import { Receiver } from "../support/receiver.ts";
import { StateTable } from "../support/state_table.ts";
import { testWith } from "../../../tests/support/installed.ts";

/** Alertmanager with a webhook as its receiver. */
class Alertmanager implements AsyncDisposable {
  readonly port = freePort();
  readonly #folder: string;
  #daemon: Daemon | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(webhook: string): Promise<Alertmanager> {
    const alertmanager = new Alertmanager(await Deno.makeTempDir());
    await Deno.writeTextFile(
      `${alertmanager.#folder}/config.yml`,
      `route: { receiver: hook, group_by: [alertname], group_wait: 200ms, group_interval: 200ms, repeat_interval: 1h }
receivers: [{ name: hook, webhook_configs: [{ url: "${webhook}" }] }]
`,
    );
    await alertmanager.begin();
    return alertmanager;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async begin(): Promise<void> {
    this.#daemon = new Daemon("prometheus-alertmanager", [
      `--config.file=${this.#folder}/config.yml`,
      `--storage.path=${this.#folder}/data`,
      `--web.listen-address=127.0.0.1:${this.port}`,
      "--cluster.listen-address=",
    ]);
    await this.#daemon.ready(`${this.url}/-/ready`);
  }

  async end(): Promise<void> {
    await this.#daemon?.kill();
    this.#daemon = undefined;
  }

  /** The firing alerts. */
  async alerts(): Promise<Alert[]> {
    return await (await fetch(`${this.url}/api/v2/alerts`)).json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

interface Alert {
  labels: Record<string, string>;
  fingerprint: string;
  startsAt: string;
  endsAt: string;
}

const OPTIONS = { wait: 100, resend: 500 };

testWith(["prometheus-alertmanager"], "alerts fire, are grouped, sent again and end", async () => {
  await using people = new Receiver();
  await using alertmanager = await Alertmanager.start(people.url);
  const states = new StateTable(Date.now);
  await using sink = new AlertmanagerSink(states, [{ url: `${alertmanager.url}/` }], OPTIONS);
  for (const id of ["a", "ß"]) sink.take(states.transition(id, "down", { labels: { team: "core" } }));
  await people.until(1);
  // Both alerts are in one notification, with the sink's fingerprints.
  assertEquals(people.posted[0].body.status, "firing");
  assertEquals(people.posted[0].body.alerts.length, 2);
  const first = await alertmanager.alerts();
  for (const { labels, fingerprint: theirs, startsAt } of first) {
    assertEquals(fingerprint(labels), theirs);
    assertEquals(Date.parse(startsAt), states.get(labels.id)!.since);
  }
  // Each resend moves the end that Alertmanager assumes.
  await eventually(
    () => alertmanager.alerts(),
    (alerts) => alerts.every(({ endsAt }, i) => Date.parse(endsAt) > Date.parse(first[i].endsAt)),
  );
  sink.take(states.transition("a", "up"));
  const [only] = await eventually(() => alertmanager.alerts(), (alerts) => alerts.length === 1);
  assertEquals(only.labels.id, "ß");
  const notified = await eventually(
    () => people.posted.at(-1)!.body.alerts as { status: string; labels: { id: string } }[],
    (alerts) => alerts.some(({ status }) => status === "resolved"),
  );
  assertEquals(notified.find(({ status }) => status === "resolved")!.labels.id, "a");
});

testWith(
  ["prometheus-alertmanager"],
  "an Alertmanager that was away gets what fires, and the end of what has ended",
  async () => {
    await using people = new Receiver();
    await using alertmanager = await Alertmanager.start(people.url);
    const states = new StateTable(Date.now);
    const failures: string[] = [];
    const onFailure = (message: string) => failures.push(message);
    await using sink = new AlertmanagerSink(states, [{ url: alertmanager.url }], { ...OPTIONS, onFailure });
    for (const id of ["a", "b"]) sink.take(states.transition(id, "down"));
    await people.until(1);
    await alertmanager.end();
    sink.take(states.transition("b", "up"));
    sink.take(states.transition("c", "down"));
    await eventually(() => failures.length, (count) => count > 0);
    await alertmanager.begin();
    const alerts = await eventually(() => alertmanager.alerts(), (alerts) => alerts.length === 2);
    assertEquals(alerts.map(({ labels }) => labels.id).sort(), ["a", "c"]);
    assertEquals(Date.parse(alerts.find(({ labels }) => labels.id === "a")!.startsAt), states.get("a")!.since);
    // Alertmanager shows an alert before its answer reaches the sink.
    await eventually(() => sink.statistics().waiting, (waiting) => waiting === 0);
  },
);

testWith(
  ["prometheus-alertmanager"],
  "each of several Alertmanagers gets all alerts, whether or not the others do",
  async () => {
    await using people = new Receiver();
    await using alertmanager = await Alertmanager.start(people.url);
    const states = new StateTable(Date.now);
    const away = { url: `http://127.0.0.1:${freePort()}` };
    await using sink = new AlertmanagerSink(states, [away, { url: alertmanager.url }], OPTIONS);
    sink.take(states.transition("a", "down"));
    await eventually(() => alertmanager.alerts(), (alerts) => alerts.length === 1);
    const { delivered, failed, waiting } = sink.statistics();
    assert(delivered > 0 && failed > 0);
    assertEquals(waiting, 1);
  },
);

testWith(["prometheus-alertmanager"], "the end of the sink resolves nothing", async () => {
  await using people = new Receiver();
  await using alertmanager = await Alertmanager.start(people.url);
  const states = new StateTable(Date.now);
  // A minute until the resend, so that Alertmanager ends nothing by itself.
  const sink = new AlertmanagerSink(states, [{ url: alertmanager.url }], { wait: 100 });
  sink.take(states.transition("a", "down"));
  await eventually(() => alertmanager.alerts(), (alerts) => alerts.length === 1);
  await sink[Symbol.asyncDispose]();
  const [{ endsAt }] = await alertmanager.alerts();
  assert(Date.parse(endsAt) - Date.now() > 180_000, endsAt);
});
