/** Behaviour of the engine "connect" alone. Common behaviour is tested with all engines. */

import { assert, assertEquals } from "@std/assert";
import { Checker, type CheckResult } from "../../mod.ts";
import { ConnectEngine } from "../../lib/connect/engine.ts";
import type { Resolved } from "../../lib/engine.ts";
import { resolveOptions } from "../../lib/resolved_options.ts";
import type { Output } from "../scripts/few_files.ts";
import { blockEventLoop } from "../support/block.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { run } from "../support/program.ts";
import { runScript } from "../support/script.ts";
import { SilentPort } from "../support/silence.ts";

function connecting(): Checker {
  const checker = new Checker({ engine: "connect" });
  checker.checkingLoop();
  return checker;
}

Deno.test("a full connect ends with a FIN, which the application sees", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using checker = connecting();
  const accepted = listener.accept();
  const result = await checker.checkAddr(`127.0.0.1:${listener.addr.port}`);
  assertEquals([result.status, result.mode], ["up", "full"]);
  using connection = await accepted;
  assertEquals(await connection.read(new Uint8Array(1)), null);
});

Deno.test("a full connect is not a timeout when JavaScript is too busy to read the answer in time", async () => {
  using open = new OpenPort();
  await using checker = connecting();
  await checker.waitReady();
  const targets = [...Array(50).fill(open.target), `localhost:${open.port}`];
  const results = Promise.all(targets.map((target) => checker.checkAddr(target, { timeout: 20, family: 4 })));
  blockEventLoop(300);
  assertEquals((await results).map(({ status }) => status), Array(51).fill("up"));
  await nextTurn();
});

Deno.test("thousands of concurrent full connects do not time out because Deno delivers their outcomes late", async () => {
  using open = new OpenPort();
  await using checker = connecting();
  await checker.waitReady();
  const targets = [open.target, closedPort()];
  // Loopback answers within a system call. A longer turn of the event loop must not be a timeout.
  const checks = Array.from({ length: 6000 }, (_, i) => checker.checkAddr(targets[i % 2], { timeout: 5 }));
  const results = await Promise.all(checks);

  const statuses = ["up", "refused"];
  assertEquals(results.filter(({ status }, i) => status !== statuses[i % 2]), []);
  await nextTurn();
});

Deno.test("results of full connects that are not yet delivered are dropped after an abort", async () => {
  await using checker = connecting();
  const abort = new AbortController();
  const reason = new Error("enough");
  function* targets() {
    // The system has the outcome at once, and Deno delivers it in a later turn.
    for (let i = 0; i < 5; i++) yield "127.0.0.1:1";
    abort.abort(reason);
  }
  const results = checker.checkAll(targets(), { family: 6, signal: abort.signal });
  assertEquals(await results.next().catch((error) => error), reason);
  await new Promise((resolve) => setTimeout(resolve));
});

Deno.test("the times of full connects are whole nanoseconds", async () => {
  using open = new OpenPort();
  await using checker = connecting();
  for (let i = 0; i < 50; i++) {
    const result = await checker.checkAddr(`localhost:${open.port}`, { family: 4 });
    assert(result.status === "up");
    for (const time of [result.rtt, result.dnsTime, result.duration]) assertEquals(time, Number(time.toFixed(6)));
  }
});

Deno.test("zeroLinger changes nothing about full connects", async () => {
  using open = new OpenPort();
  await using checker = connecting();
  for (const zeroLinger of [true, false]) {
    assertEquals((await checker.checkAddr(open.target, { zeroLinger })).mode, "full");
  }
});

Deno.test("full connects need only --allow-net, and only for their targets", async () => {
  using open = new OpenPort();
  const script = `
    await using checker = new Checker({ engine: "connect" });
    checker.checkingLoop();
    const { status, mode } = await checker.checkAddr("${open.target}");
    console.log(status, mode);
  `;
  for (const flag of ["--allow-net", `--allow-net=${open.target}`]) {
    assertEquals(await run(script, [flag]), { code: 0, stdout: "up full\n", stderr: "" });
  }
  // A name needs the permission for its lookup, with any port, and for its addresses.
  const named = script.replace(open.target, `localhost:${open.port}`);
  const flag = `--allow-net=localhost,127.0.0.1:${open.port},[::1]:${open.port}`;
  assertEquals(await run(named, [flag]), { code: 0, stdout: "up full\n", stderr: "" });
});

Deno.test("without --allow-net full connects reject with Deno's error, and the loop keeps running", async () => {
  using open = new OpenPort();
  const script = `
    await using checker = new Checker({ engine: "connect" });
    checker.checkingLoop();
    const print = ({ name, message }) => console.log(name + ": " + message);
    await checker.checkAddr("127.0.0.1:1").catch(print);
    await checker.checkAddr("localhost:1").catch(print);
    await checker.checkAddr("[fe80::1%nosuch0]:1").catch(print);
    await checker.checkAll(["127.0.0.1:1"]).next().catch(print);
    console.log((await checker.checkAddr("${open.target}")).status);
  `;
  const { code, stdout, stderr } = await run(script, [`--allow-net=${open.target}`]);
  const needs = ["127.0.0.1:1", "localhost", "[fe80::1]:1", "127.0.0.1:1"];
  const lines = needs.map((what) =>
    `NotCapable: Requires net access to "${what}", run again with the --allow-net flag\n`
  );
  assertEquals([code, stdout, stderr], [0, `${lines.join("")}up\n`, ""]);
});

Deno.test("full connects without a descriptor wait only for descriptors of this engine", async () => {
  using open = new OpenPort();
  const { starved, fed } = await runScript<Output>("few_files.ts", { target: open.target }, "ulimit -n 64");
  // Other code has all descriptors, so checks do not wait.
  assertEquals(starved.map(outcome), Array(10).fill("local-error EMFILE"));
  assertEquals(fed.map(outcome), Array(100).fill("up"));
});

Deno.test("checks of several addresses respect the engine's limit of sockets", async () => {
  using live = Deno.listen({ hostname: "127.0.0.9", port: 0 });
  const { port } = live.addr;
  const hosts = [2, 3, 4, 5, 6, 7].map((last) => `127.0.0.${last}`);
  using stack = new DisposableStack();
  for (const host of hosts) stack.use(await SilentPort.open(host, port));
  const addresses = [...hosts, "127.0.0.9"].map((hostname) => ({ hostname, family: 4 } as const));
  const engine = new ConnectEngine();
  const options = resolveOptions({ timeout: 1400 }, { engine: "connect" }, "checkAddr()");
  let most = 0;
  const timer = setInterval(() => most = Math.max(most, countSynSent(port)), 20);
  try {
    const results = await Promise.all(Array.from({ length: 150 }, () => {
      const { promise, resolve: settle, reject: fail } = Promise.withResolvers<CheckResult | Resolved>();
      const endpoint = { host: "name.test", port, family: 0, addresses } as const;
      engine.submit({ id: 0, target: "name.test", endpoint, details: false, settle, fail }, options);
      return promise;
    }));
    // Each check is up at the last address, so each got a socket for it.
    assertEquals(
      results.map(({ status, address }) => `${address?.hostname} ${status}`),
      Array(150).fill("127.0.0.9 up"),
    );
  } finally {
    clearInterval(timer);
    engine.stop(undefined);
    await engine.ended;
  }
  assert(most > 200 && most <= engine.window, `${most} sockets`);
});

/** Waits for the timer of the event loop's next turn, which a check that was answered meanwhile has left. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Counts the sockets of this host that wait for a SYN-ACK from a port. */
function countSynSent(port: number): number {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")} 02 `;
  return Deno.readTextFileSync("/proc/net/tcp").split(remote).length - 1;
}

function outcome(result: CheckResult): string {
  return "code" in result ? `${result.status} ${result.code}` : result.status;
}
