import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { proves } from "../support/evidence.ts";
import { engineTest } from "../support/engines.ts";
import { MODULE, run } from "../support/program.ts";
import { SilentPort } from "../support/silence.ts";

Deno.test("a process that only imports the module loads nothing and ends", async () => {
  const { code, stderr } = await run("", []);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("a process with nothing pending ends by itself, although the default checker runs", async () => {
  const { code, stdout, stderr } = await run(`console.log((await checkAddr("127.0.0.1:1")).status);`);
  assertEquals([code, stdout, stderr], [0, "refused\n", ""]);
});

Deno.test("a pending check of the default checker keeps the process alive", async () => {
  using silent = await SilentPort.open();
  const { code, stdout } = await run(`
    checkAddr("${silent.target}", 300).then(({ status }) => console.log(status));
  `);
  assertEquals([code, stdout], [0, "timeout\n"]);
});

engineTest("a running loop keeps the process alive", async ({ name, permission }) => {
  // The timer ends the process, but does not keep it alive.
  const { code, stdout } = await run(
    `
    const checker = new Checker({ engine: "${name}" });
    checker.checkingLoop();
    Deno.unrefTimer(setTimeout(() => { console.log("alive"); Deno.exit(7); }, 300));
  `,
    [permission],
  );
  assertEquals([code, stdout], [7, "alive\n"]);
});

engineTest("unref() lets the process end, and ref() undoes that", async ({ name, permission }) => {
  const script = (calls: string) => `
    const checker = new Checker({ engine: "${name}" });
    checker.checkingLoop();
    await checker.waitReady();
    ${calls}
    Deno.unrefTimer(setTimeout(() => Deno.exit(7), 300));
  `;
  assertEquals((await run(script("checker.unref();"), [permission])).code, 0);
  assertEquals((await run(script("checker.unref(); checker.unref(); checker.ref();"), [permission])).code, 7);
});

engineTest("unref() works before the start too", async ({ name, permission }) => {
  const { code } = await run(
    `
    const checker = new Checker({ engine: "${name}" });
    checker.unref();
    checker.checkingLoop();
    await checker.waitReady();
    Deno.unrefTimer(setTimeout(() => Deno.exit(7), 300));
  `,
    [permission],
  );
  assertEquals(code, 0);
});

engineTest("Deno.exit() with checks in flight is clean", async ({ name, permission }) => {
  const { code, stderr } = await run(
    `
    const checker = new Checker({ engine: "${name}" });
    checker.checkingLoop();
    await checker.waitReady();
    let answered = 0;
    const again = () => checker.checkAddr("127.0.0.1:1").then(() => {
      if (++answered === 5000) Deno.exit(5);
      again();
    });
    for (let i = 0; i < 100; i++) again();
  `,
    [permission],
  );
  assertEquals([code, stderr], [5, ""]);
});

Deno.test("--allow-ffi=PATH of the library is enough", async () => {
  const library = decodeURIComponent(new URL("../../target/release/libtcp_shaker.so", import.meta.url).pathname);
  const { stdout, stderr } = await run(`console.log((await checkAddr("127.0.0.1:1")).status);`, [
    `--allow-ffi=${library}`,
  ]);
  assertEquals([stdout, stderr], ["refused\n", ""]);
});

Deno.test("without --allow-ffi the error is Deno's", async () => {
  const { code, stderr } = await run(`await checkAddr("127.0.0.1:1");`, []);
  assertEquals(code, 1);
  assertMatch(stderr, /NotCapable: Requires ffi access/);
});

Deno.test("without --allow-ffi a loop that failed to start can be started again", async () => {
  const { stdout } = await run(
    `
    const checker = new Checker();
    const ready = checker.waitReady().catch((error) => error.name);
    for (let i = 0; i < 2; i++) console.log(await checker.checkingLoop().catch((error) => error.name));
    console.log(await ready, checker.isReady);
  `,
    [],
  );
  assertEquals(stdout, "NotCapable\nNotCapable\nNotCapable false\n");
});

Deno.test("an unhandled failure to start ends the process with the error", async () => {
  const { code, stderr } = await run(`new Checker().checkingLoop();`, []);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Uncaught");
});

engineTest("an uncaught error is printed as usual, with checks in flight", async ({ name, permission }) => {
  for (
    const fault of [`setTimeout(() => { throw new Error("a fault"); }, 30)`, `Promise.reject(new Error("a fault"))`]
  ) {
    const { code, stderr } = await run(
      `
      const checker = new Checker({ engine: "${name}" });
      checker.checkingLoop();
      await checker.waitReady();
      const again = () => checker.checkAddr("127.0.0.1:1").then(again);
      for (let i = 0; i < 500; i++) again();
      await checker.checkAddr("127.0.0.1:1");
      ${fault};
    `,
      [permission],
    );
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, "a fault");
  }
});

Deno.test("a worker that is terminated with checks in flight leaks nothing", async (t) => {
  const worker = `
    import { Checker } from ${JSON.stringify(MODULE)};
    const checker = new Checker();
    checker.checkingLoop();
    await checker.waitReady();
    const again = () => checker.checkAddr("127.0.0.1:1").then(again);
    for (let i = 0; i < 100; i++) again();
    await checker.checkAddr("127.0.0.1:1");
    postMessage("checking");
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, worker);
  const { code, stdout, stderr } = await run(
    `
    for (let round = 0; round < 10; round++) {
      const worker = new Worker(${JSON.stringify(`file://${file}`)}, { type: "module" });
      await new Promise((resolve) => worker.onmessage = resolve);
      worker.terminate();
    }
    const threads = () => [...Deno.readDirSync("/proc/self/task")].filter(({ name }) => {
      try {
        return Deno.readTextFileSync("/proc/self/task/" + name + "/comm").startsWith("shaker-");
      } catch {
        return false;
      }
    });
    // With a leaked thread this wait never ends.
    while (threads().length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    console.log(threads().length, (await checkAddr("127.0.0.1:1")).status);
    `,
    ["--allow-all"],
  );
  await Deno.remove(file);
  assertEquals([code, stdout, stderr], [0, "0 refused\n", ""]);
  proves(t, "nothingLeft", `10 workers terminated, ${stdout.split(" ")[0]} threads left`);
});
