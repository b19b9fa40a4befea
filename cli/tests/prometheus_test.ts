/** `--prometheus`: promtool accepts the metrics. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMAND, RunningCommand } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { namespaceTest, UNSHARE } from "../../tests/support/namespace.ts";
import { run } from "../../tests/support/shared_command.ts";
import { SilentPort } from "../../tests/support/silence.ts";

const HAS_PROMTOOL = Deno.env.get("PATH")!.split(":").some((folder) => {
  try {
    return Deno.statSync(`${folder}/promtool`).isFile;
  } catch {
    return false;
  }
});

/** Registers a test that needs promtool, of Debian's prometheus. Without it the test is skipped. */
function promtoolTest(name: string, fn: () => Promise<void>): void {
  const title = HAS_PROMTOOL ? name : `${name} (skipped, there is no promtool)`;
  Deno.test({ name: title, ignore: !HAS_PROMTOOL, fn });
}

async function assertValid(metrics: string): Promise<void> {
  const { code, stdout, stderr } = await run(["check", "metrics"], ["promtool"], metrics);
  assertEquals([code, stdout, stderr], [0, "", ""], metrics);
}

/** Parses samples into their values, by series. */
function parse(metrics: string): Map<string, number> {
  const lines = metrics.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const entries = lines.map((line): [string, number] => {
    const end = line.lastIndexOf(" ");
    return [line.slice(0, end), Number(line.slice(end + 1))];
  });
  const samples = new Map(entries);
  assertEquals(samples.size, lines.length, "no series occurs twice");
  return samples;
}

promtoolTest("tcp-checker --prometheus prints valid metrics for each status", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const closed = closedPort();
  const targets = [open.target, closed, silent.target, "[::1]:80"];
  const { code, stdout, stderr } = await run(["--prometheus", "-4", "-t", "300", ...targets, closed]);
  assertEquals([code, stderr], [0, ""]);
  await assertValid(stdout);
  const samples = parse(stdout);
  const up = (target: string) => samples.get(`tcp_check_up{target="${target}"}`);
  assertEquals(targets.map(up), [1, 0, 0, 0]);
  const rtt = samples.get(`tcp_check_rtt_seconds{target="${open.target}"}`)!;
  assert(rtt > 0 && rtt < 0.3, `${rtt}`);
  assertEquals(samples.get(`tcp_check_rtt_seconds{target="${closed}"}`), undefined);
  assert(samples.get(`tcp_check_duration_seconds{target="${silent.target}"}`)! >= 0.3);
  const counts = ["up", "refused", "timeout", "unresolved"].map((status) => `tcp_check_results{status="${status}"}`);
  assertEquals(counts.map((series) => samples.get(series)), [1, 2, 1, 1]);
  const info = `target="${closed}",status="refused",code="ECONNREFUSED",mode="half-open",engine="socket"`;
  assertEquals(samples.get(`tcp_check_result_info{${info}}`), 1);
});

promtoolTest(
  "tcp-checker --prometheus escapes labels, and omits the state of a target it could not check",
  async () => {
    const { code, stdout } = await run(["--prometheus", `[fe80::1%a"b\\c]:9`]);
    assertEquals(code, 0);
    await assertValid(stdout);
    const target = 'target="[fe80::1%a\\"b\\\\c]:9"';
    assertStringIncludes(stdout, `tcp_check_result_info{${target},status="local-error",code="ENODEV"`);
    assertEquals(stdout.includes("tcp_check_up"), false);
  },
);

promtoolTest("tcp-checker --prometheus --resolve all has a series for each address of a name", async () => {
  using open = new OpenPort();
  const name = `localhost:${open.port}`;
  const { code, stdout } = await run(["--prometheus", "--resolve", "all", "-4", name, open.target]);
  assertEquals(code, 0);
  await assertValid(stdout);
  const samples = parse(stdout);
  assertEquals(samples.get(`tcp_check_up{target="${name}",address="127.0.0.1"}`), 1);
  assertEquals(samples.get(`tcp_check_up{target="${open.target}"}`), 1);
});

Deno.test("tcp-checker --prometheus returns 0 only for complete metrics, so that && mv keeps them", async () => {
  using silent = await SilentPort.open();
  const closed = closedPort();
  assertEquals((await run(["--prometheus", closed])).code, 0);
  assertEquals((await run(["--prometheus", "--min-up", "1", closed])).code, 1);
  assertEquals((await run(["--prometheus", "-"], COMMAND, `${closed}\nlocalhost\n`)).code, 3);
  assertEquals((await run(["--prometheus", "localhost"])).code, 3);
  const command = new RunningCommand(["--prometheus", "-v", "-t", "1h", closed, silent.target]);
  await command.stderr.until(/Concurrency/);
  command.kill("SIGTERM");
  const { code, stdout } = await command.ended();
  assertEquals(code, 143);
  assertMatch(stdout, /^# HELP tcp_check_results /);
});

namespaceTest("the README's command replaces the metrics atomically, and keeps them after a failure", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
    const [line] = /^tcp-checker --prometheus .*$/m.exec(readme)!;
    const root = new URL("../../", import.meta.url).pathname;
    const [deno, ...args] = [...COMMAND.slice(0, -1), "--allow-read", `${root}cli/mod.ts`];
    const script = `cd "$0"; tcp-checker() { '${deno}' ${args.join(" ")} "$@"; }; ${line}`;
    const update = async (targets: string) => {
      await Deno.writeTextFile(`${folder}/targets.txt`, targets);
      const { code } = await run([script, folder], [...UNSHARE, "bash", "-c"]);
      return [code, await Deno.readTextFile(`${folder}/tcp_check.prom`)] as const;
    };
    const [code, first] = await update("127.0.0.1:1\n");
    assertEquals(code, 0);
    assertStringIncludes(first, 'tcp_check_up{target="127.0.0.1:1"} 0\n');
    assertEquals(await update("127.0.0.1:1\nlocalhost\n"), [3, first]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
