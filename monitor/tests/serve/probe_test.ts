/** The page /probe, compared line by line with a real blackbox_exporter. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseProbeModules } from "../../lib/config/probe_modules.ts";
import { closedPort, OpenPort } from "../../../tests/support/listener.ts";
import { SilentPort } from "../../../tests/support/silence.ts";
import { Daemon, eventually, freePort } from "../support/daemon.ts";
import { type Answer, ServedAgent } from "../support/served_agent.ts";
import { isInstalled, testWith } from "../../../tests/support/installed.ts";
import { resolverFiles } from "../../../tests/support/names.ts";
import { namespaceTest, runInNamespace } from "../../../tests/support/namespace.ts";
import type { Output } from "../scripts/unresolved_probe.ts";

const UNRESOLVED = "../../monitor/tests/scripts/unresolved_probe.ts";

const MODULES = `modules:
  tcp_connect: { prober: tcp }
  ip4: { prober: tcp, timeout: 1s, tcp: { preferred_ip_protocol: ip4 } }
  only_ip6: { prober: tcp, tcp: { preferred_ip_protocol: ip6, ip_protocol_fallback: false } }
  source: { prober: tcp, tcp: { source_ip_address: 127.0.0.9 } }
  short: { prober: tcp, timeout: 200ms }
`;

/** Metrics that Debian's blackbox_exporter 0.23 does not have yet. */
const NEWER = ["probe_failed_due_to_bytes", "probe_timeout_seconds"];
const OURS = ["probe_tcp_rtt_seconds", "probe_tcp_status_info"];
/** Metrics whose values are times. */
const TIMES = ["probe_dns_lookup_time_seconds", "probe_duration_seconds"];

/** An agent and blackbox_exporter with the same modules. */
class Pair implements AsyncDisposable {
  private constructor(
    readonly served: ServedAgent,
    readonly blackbox: Daemon,
    readonly url: string,
    readonly modules: string,
  ) {}

  static async start(): Promise<Pair> {
    const modules = await Deno.makeTempFile();
    await Deno.writeTextFile(modules, MODULES);
    const served = await ServedAgent.start(`probe: { allow: [127.0.0.0/8, "::1/128"], modules_file: "${modules}" }`);
    const port = freePort();
    const blackbox = new Daemon("prometheus-blackbox-exporter", [
      `--config.file=${modules}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const url = `http://127.0.0.1:${port}`;
    await blackbox.ready(`${url}/-/healthy`);
    return new Pair(served, blackbox, url, modules);
  }

  /** Both answers to a request. */
  async ask(parameters: Record<string, string>, headers: Record<string, string> = {}): Promise<[Answer, Answer]> {
    const path = `/probe?${new URLSearchParams(parameters)}`;
    const theirs = await fetch(this.url + path, { headers });
    return [
      await this.served.ask(path, { headers }),
      { status: theirs.status, headers: theirs.headers, text: await theirs.text() },
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.blackbox.kill();
    await this.served[Symbol.asyncDispose]();
    await Deno.remove(this.modules);
  }
}

/** The lines of a text, without values that are times. A number is written as JavaScript does. */
function lines(text: string, ...without: string[]): string[] {
  return text.trim().split("\n").filter((line) => !without.some((name) => new RegExp(`\\b${name}\\b`).test(line))).map(
    (line) => {
      const [name, value] = line.split(" ");
      if (name === "#") return line;
      return TIMES.includes(name) ? name : `${name} ${Number(value)}`;
    },
  );
}

testWith(["prometheus-blackbox-exporter"], "a probe has blackbox_exporter's metrics and values", async () => {
  using open = new OpenPort();
  using silence = await SilentPort.open();
  const port = open.target.split(":").at(-1)!;
  await using pair = await Pair.start();
  for (
    const [module, target, status] of [
      ["tcp_connect", open.target, "up"],
      ["ip4", `localhost:${port}`, "up"],
      ["source", open.target, "up"],
      ["tcp_connect", closedPort(), "refused"],
      ["tcp_connect", `[::1]:${port}`, "refused"],
      ["short", silence.target, "timeout"],
      ["only_ip6", open.target, "unresolved"],
      ["tcp_connect", "127.0.0.1", undefined],
      ["tcp_connect", "::1", undefined],
      ["tcp_connect", "127.0.0.1:99999", undefined],
      ["tcp_connect", "[::1]:0", undefined],
      ["tcp_connect", "localhost:-1", undefined],
      ["tcp_connect", "127.0.0.1:", undefined],
      ["tcp_connect", ":80", undefined],
      ["tcp_connect", "a b:80", undefined],
      ["only_ip6", "127.0.0.1:99999", undefined],
      ["tcp_connect", "[::1:80", undefined],
      ["tcp_connect", "127.0.0.1:80:90", undefined],
    ] as const
  ) {
    const [ours, theirs] = await pair.ask({ module, target });
    const name = `${module} ${target}`;
    assertEquals([ours.status, theirs.status], [200, 200], name);
    assertEquals(ours.headers.get("Content-Type"), theirs.headers.get("Content-Type"));
    // 0.28 has probe_failed_due_to_regex for an open port alone.
    const regex = status === "up" ? [] : ["probe_failed_due_to_regex"];
    assertEquals(lines(ours.text, ...NEWER, ...OURS), lines(theirs.text, ...regex), name);
    assertStringIncludes(ours.text, "# TYPE probe_timeout_seconds gauge\nprobe_timeout_seconds ");
    assertEquals(/status="([a-z-]+)"/.exec(ours.text)?.[1], status, name);
  }
});

const withoutResolver = isInstalled("prometheus-blackbox-exporter") ? namespaceTest : Deno.test.ignore;
withoutResolver(
  "a name without an answer fails as it does for blackbox_exporter, whichever resolver is dead",
  async () => {
    // Nothing listens at 127.0.0.53, nor at 127.0.0.1, which is the server if the file names none (resolv.conf(5)).
    for (const resolv of ["nameserver 127.0.0.53\n", ""]) {
      const files = resolverFiles(resolv);
      const { ours, theirs } = await runInNamespace<Output>(UNRESOLVED, { target: "nowhere.example:80" }, { files });
      assertEquals([ours.status, theirs.status], [200, 200]);
      assertEquals(lines(ours.text, ...NEWER, ...OURS), lines(theirs.text, "probe_failed_due_to_regex"));
      assertStringIncludes(ours.text, "\nprobe_success 0\n");
      assertStringIncludes(ours.text, 'probe_tcp_status_info{status="unresolved",mode="half-open"} 1');
    }
  },
);

testWith(
  ["prometheus-blackbox-exporter"],
  "a wrong request has blackbox_exporter's status and message",
  async () => {
    await using pair = await Pair.start();
    for (
      const parameters of [
        { module: "ip4" },
        { module: "nothing", target: "127.0.0.1:1" },
      ] as Record<string, string>[]
    ) {
      const [ours, theirs] = await pair.ask(parameters);
      assertEquals([ours.status, ours.text], [theirs.status, theirs.text]);
    }
    const [ours, theirs] = await pair.ask({ target: "127.0.0.1:1" });
    assertEquals([ours.status, theirs.status, theirs.text], [400, 400, 'Unknown module "http_2xx"\n']);
    assertEquals(
      ours.text,
      'Unknown module "http_2xx", which is the default: add module=NAME, known are tcp_connect, ip4, only_ip6, source, short\n',
    );
  },
);

testWith(
  ["prometheus-blackbox-exporter"],
  "the header of Prometheus' timeout is read as by blackbox_exporter",
  async () => {
    using open = new OpenPort();
    await using pair = await Pair.start();
    for (
      const [header, success] of [
        ["10", "1"],
        ["1e3", "1"],
        ["0", "1"],
        ["0.3", "0"],
        ["-1", "0"],
        ["NaN", "0"],
        ["Inf", "0"],
        ["soon", undefined],
        ["5s", undefined],
      ] as const
    ) {
      const headers = { "X-Prometheus-Scrape-Timeout-Seconds": header };
      const answers = await pair.ask({ module: "tcp_connect", target: open.target }, headers);
      for (const { status, text } of answers) {
        assertEquals(status, success === undefined ? 500 : 200, header);
        assertEquals(/^probe_success (.)$/m.exec(text)?.[1], success, header);
        if (success === undefined) assert(text.startsWith("Failed to parse timeout from Prometheus header: "));
      }
      const [ours, theirs] = answers;
      if (success === "0") {
        assertEquals(lines(ours.text, ...NEWER, ...OURS), lines(theirs.text, "probe_failed_due_to_regex"), header);
      }
    }
  },
);

Deno.test("a timeout above the limit of a check is the longest timeout", async () => {
  using open = new OpenPort();
  await using served = await ServedAgent.start("probe: { allow: [127.0.0.0/8] }");
  const headers = { "X-Prometheus-Scrape-Timeout-Seconds": "1e300" };
  const { text } = await served.ask(`/probe?module=tcp_connect&target=${open.target}`, { headers });
  assertStringIncludes(text, "\nprobe_success 1\n");
  assertStringIncludes(text, `\nprobe_timeout_seconds ${(2 ** 31 - 1) / 1000}\n`);
});

Deno.test("the timeout is the scrape's minus 0.5 s, or the module's if it is less", async () => {
  const modules = await Deno.makeTempFile();
  await Deno.writeTextFile(modules, MODULES);
  await using served = await ServedAgent.start(`probe: { allow: [127.0.0.0/8], modules_file: "${modules}" }`);
  const timeout = async (module: string, header?: string) => {
    const headers: Record<string, string> = header === undefined
      ? {}
      : { "X-Prometheus-Scrape-Timeout-Seconds": header };
    const { text } = await served.ask(`/probe?module=${module}&target=${closedPort()}`, { headers });
    return Number(/^probe_timeout_seconds (.*)$/m.exec(text)![1]);
  };
  assertEquals(await timeout("tcp_connect"), 119.5);
  assertEquals(await timeout("tcp_connect", "10"), 9.5);
  assertEquals(await timeout("ip4", "10"), 1);
  assertEquals(await timeout("ip4", "1.2"), 0.7);
  await Deno.remove(modules);
});

Deno.test("debug=true shows the log of the probe, the metrics, and the module as a module file has it", async () => {
  const modules = await Deno.makeTempFile();
  await Deno.writeTextFile(modules, "modules: { a: { prober: tcp, timeout: 90s, tcp: { source_ip_address: '::1' } } }");
  await using served = await ServedAgent.start(`probe: { allow: [127.0.0.0/8, "::1"], modules_file: "${modules}" }`);
  const port = closedPort("::1").split(":").at(-1);
  const { text, status } = await served.ask(`/probe?module=a&target=[::1]:${port}&debug=true`);
  assertEquals(status, 200);
  for (const part of ["Logs for the probe:\n", "refused ECONNREFUSED", "probe_success 0"]) {
    assertStringIncludes(text, part);
  }
  const written = text.slice(text.indexOf("prober: "));
  assertEquals(
    written,
    "prober: tcp\ntimeout: 1m30s\ntcp:\n  preferred_ip_protocol: ip6\n  ip_protocol_fallback: true\n  source_ip_address: ::1\n",
  );
  const parsed = parseProbeModules(`modules:\n  a:\n${written.replaceAll(/^/gm, "    ")}`, "a.yml");
  assertEquals(parsed, { ...served.agent.configuration.probe!.modules });
  await Deno.remove(modules);
});

Deno.test("the log of a probe has no control character", async () => {
  await using served = await ServedAgent.start("probe: { allow: ['fe80::/10'] }");
  for (const target of ["[fe80::1%\x1b[31m]:80", "a\x1b[31m\r\nb:80"]) {
    const query = new URLSearchParams({ module: "tcp_connect", target, debug: "true" });
    const { text } = await served.ask(`/probe?${query}`);
    const [log] = text.split("\n\n\n");
    assertMatch(log, /^Logs for the probe:\n[\x20-\x7e]+(?:\n[\x20-\x7e]+)*\n*$/);
    assertStringIncludes(log, "\\u001b");
  }
});

Deno.test("a module whose source is not an address of this host is an error with the reason", async () => {
  const modules = await Deno.makeTempFile();
  await Deno.writeTextFile(modules, "modules: { a: { prober: tcp, tcp: { source_ip_address: 192.0.2.77 } } }");
  await using served = await ServedAgent.start(`probe: { allow: [127.0.0.0/8], modules_file: "${modules}" }`);
  const { status, text } = await served.ask(`/probe?module=a&target=${closedPort()}`);
  assertEquals(status, 500);
  assertStringIncludes(text, "Cannot probe with this module: ");
  assertStringIncludes(text, "192.0.2.77");
  await Deno.remove(modules);
});

Deno.test("an address outside of the networks is not probed, and without networks there are no probes", async () => {
  using open = new OpenPort();
  const port = open.target.split(":").at(-1)!;
  await using served = await ServedAgent.start("probe: { allow: [127.0.0.2/32] }");
  for (const host of ["127.0.0.1", "localhost"]) {
    const { text } = await served.ask(`/probe?module=tcp_connect&target=${host}:${port}`);
    assertStringIncludes(text, 'probe_tcp_status_info{status="denied",mode="half-open"} 1');
    assertStringIncludes(text, "probe_success 0");
  }
  await using without = await ServedAgent.start("targets: []");
  assertEquals((await without.ask(`/probe?module=tcp_connect&target=${open.target}`)).status, 404);
});

Deno.test("a malformed network is a problem of the configuration", async () => {
  const message = await ServedAgent.start("probe: { allow: [127.0.0.1/33] }").then(() => "", (error) => error.message);
  assertStringIncludes(message, 'probe.allow[0]: must be a network such as "192.0.2.0/24", it is "127.0.0.1/33"');
});

testWith(["prometheus"], "Prometheus probes targets with the usual relabelling", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  await using served = await ServedAgent.start("probe: { allow: [127.0.0.0/8] }");
  const folder = await Deno.makeTempDir();
  const port = freePort();
  await Deno.writeTextFile(
    `${folder}/prometheus.yml`,
    `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: blackbox
    metrics_path: /probe
    params: { module: [tcp_connect] }
    static_configs: [{ targets: ["${open.target}", "${closed}"] }]
    relabel_configs:
      - { source_labels: [__address__], target_label: __param_target }
      - { source_labels: [__param_target], target_label: instance }
      - { target_label: __address__, replacement: "${new URL(served.url).host}" }
`,
  );
  const prometheus = new Daemon("prometheus", [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  try {
    await prometheus.ready(`http://127.0.0.1:${port}/-/ready`);
    const samples = await eventually(
      async () =>
        (await (await fetch(`http://127.0.0.1:${port}/api/v1/query?query=probe_success`)).json()).data.result as {
          metric: { instance: string };
          value: [number, string];
        }[],
      (samples) => samples.length === 2,
    );
    assertEquals(Object.fromEntries(samples.map(({ metric, value }) => [metric.instance, value[1]])), {
      [open.target]: "1",
      [closed]: "0",
    });
  } finally {
    await prometheus.kill();
    await Deno.remove(folder, { recursive: true });
  }
});
