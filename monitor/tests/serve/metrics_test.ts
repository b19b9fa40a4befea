/** The page /metrics, checked by promtool and scraped by a real Prometheus. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { closedPort, OpenPort } from "../../../tests/support/listener.ts";
import { Daemon, eventually, freePort } from "../support/daemon.ts";
import { ServedAgent } from "../support/served_agent.ts";
import { testWith } from "../../../tests/support/installed.ts";

function configuration(up: string, down: string, interval = "50ms"): string {
  return `
monitor: { interval: ${interval} }
targets:
  - { target: "${up}", id: up, group: web, labels: { team: "co\\"re\\\\\\n" } }
  - { target: "${down}", id: down, group: db }
`;
}

/** Waits until there is a verdict about all targets. */
async function verdicts({ agent }: ServedAgent): Promise<void> {
  await eventually(() => [...agent.monitor.states()], (states) => states.every(({ state }) => state !== "unknown"));
}

testWith(["promtool"], "promtool finds nothing wrong with the metrics", async () => {
  using open = new OpenPort();
  await using served = await ServedAgent.start(configuration(open.target, closedPort()));
  await verdicts(served);
  const { text, headers } = await served.ask("/metrics");
  assertEquals(headers.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  const child = new Deno.Command("promtool", { args: ["check", "metrics"], stdin: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stderr } = await child.output();
  assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
  for (
    const line of [
      'tcp_checker_up{id="up",group="web",team="co\\"re\\\\\\n"} 1',
      'tcp_checker_up{id="down",group="db"} 0',
      'tcp_checker_targets{group="web",state="up"} 1',
      'tcp_checker_rtt_seconds_count{id="down",group="db"} 0',
      "tcp_checker_config_last_reload_successful 1",
    ]
  ) assert(text.split("\n").includes(line), line);
});

Deno.test("?group= returns the metrics of one group", async () => {
  await using served = await ServedAgent.start(configuration(closedPort(), closedPort()));
  const { text } = await served.ask("/metrics?group=db");
  assertMatch(text, /^tcp_checker_checks_total\{id="down",group="db"\}/m);
  assertEquals(/id="up"|group="web"/.test(text), false);
});

Deno.test("a target in maintenance has no tcp_checker_up, and a removed target has no metric", async () => {
  await using served = await ServedAgent.start(configuration(closedPort(), closedPort()));
  await verdicts(served);
  served.agent.monitor.setMaintenance("down", true);
  served.agent.monitor.remove("up");
  const { text } = await served.ask("/metrics");
  assertMatch(text, /^tcp_checker_targets\{group="db",state="maintenance"\} 1$/m);
  assertEquals(/tcp_checker_up\{|id="up"/.test(text), false);
});

Deno.test("a long page is compressed for a client that accepts gzip", async () => {
  const targets = Array.from({ length: 500 }, (_, i) => `"127.0.0.1:${10_000 + i}"`);
  await using served = await ServedAgent.start(`monitor: { interval: 1h }\ntargets: [${targets}]`);
  const compressed = await fetch(`${served.url}/metrics`);
  assertEquals(compressed.headers.get("Content-Encoding"), "gzip");
  const plain = await served.ask("/metrics", { headers: { "Accept-Encoding": "gzip;q=0" } });
  const stable = (text: string) => text.replaceAll(/^(?:process|tcp_checker_schedule).*\n/gm, "");
  assertEquals(stable(await compressed.text()), stable(plain.text));
});

testWith(
  ["prometheus"],
  "Prometheus reads verdicts, rates and quantiles, and a removed target ends",
  async () => {
    using open = new OpenPort();
    await using served = await ServedAgent.start(configuration(open.target, closedPort()));
    await verdicts(served);
    const folder = await Deno.makeTempDir();
    const port = freePort();
    await Deno.writeTextFile(
      `${folder}/prometheus.yml`,
      `global: { scrape_interval: 200ms }
scrape_configs: [{ job_name: tcp, static_configs: [{ targets: ["${new URL(served.url).host}"] }] }]
`,
    );
    const prometheus = new Daemon("prometheus", [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const query = async (expression: string): Promise<Sample[]> => {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
      return (await (await fetch(url)).json()).data.result;
    };
    try {
      await prometheus.ready(`http://127.0.0.1:${port}/-/ready`);
      const verdictsRead = await eventually(() => query("tcp_checker_up"), (samples) => samples.length === 2);
      assertEquals(Object.fromEntries(verdictsRead.map(({ metric, value }) => [metric.id, value[1]])), {
        up: "1",
        down: "0",
      });
      assertEquals((await query('up{job="tcp"}'))[0].value[1], "1");
      const rate = await eventually(
        () => query('rate(tcp_checker_checks_total{id="up"}[5s])'),
        ([sample]) => Number(sample?.value[1]) > 0,
      );
      // Every 50 ms; on a busy machine later, never earlier.
      assert(Number(rate[0].value[1]) < 30, rate[0].value[1]);
      const quantile = await eventually(
        () => query("histogram_quantile(0.5, rate(tcp_checker_group_rtt_seconds_bucket[5s]))"),
        ([sample]) => Number(sample?.value[1]) > 0,
      );
      assertEquals(quantile[0].metric.group, "web");
      assert(Number(quantile[0].value[1]) < 0.1, quantile[0].value[1]);
      served.agent.monitor.remove("down");
      const left = await eventually(() => query("tcp_checker_up"), (samples) => samples.length === 1);
      assertEquals(left[0].metric.id, "up");
    } finally {
      await prometheus.kill();
      await Deno.remove(folder, { recursive: true });
    }
  },
);

interface Sample {
  metric: Record<string, string>;
  value: [time: number, value: string];
}
