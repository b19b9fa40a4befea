import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { proves } from "../support/evidence.ts";
import { buildFaultyLibrary, FAULTY_LIBRARY } from "../support/faulty_library.ts";
import { MODULE, run as runProgram } from "../support/program.ts";

const calls = await buildFaultyLibrary();

/** Runs a program with the library with fault injection, in which `fault(call, errno)` makes the next such call fail. */
function run(program: string) {
  const script = `
    import { loadLibrary } from ${JSON.stringify(MODULE)};

    await loadLibrary(${JSON.stringify(FAULTY_LIBRARY)});
    const { symbols } = Deno.dlopen(${JSON.stringify(FAULTY_LIBRARY)}, {
      shaker_fault: { parameters: ["u32", "i32"], result: "void" },
    });
    const calls: Record<string, number> = ${JSON.stringify(calls)};
    const fault = (call: string, errno: number) => symbols.shaker_fault(calls[call], errno);
    const messageOf = (error: Error) => error.message;
    ${program}
  `;
  return runProgram(script, ["--allow-ffi", "--allow-net=127.0.0.1"]);
}

const PANICKED = "Cannot run the native engine: it panicked, please report the message on stderr";
for (
  const [what, checks, call, errno, error, threads] of [
    ["panic", 100, "Connect", 0, PANICKED, 1],
    ["panic in one of three threads", 100, "Connect", 0, PANICKED, 3],
    ["panic in a check that is made at once", 1, "Connect", 0, PANICKED, 1],
    ["system call that it can't do without", 100, "EpollWait", 9, "Cannot run the native engine: EBADF", 1],
    [
      "system call that one of three threads can't do without",
      100,
      "EpollWait",
      9,
      "Cannot run the native engine: EBADF",
      3,
    ],
  ] as const
) {
  Deno.test(`a ${what} fails the engine's checks and its loop, but does not end the process`, async (t) => {
    const { code, stdout, stderr } = await run(`
      // A silent port: its accept queue is full.
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
      const { hostname, port } = listener.addr;
      for (let i = 0; i < 2; i++) await Deno.connect({ hostname, port });

      const checker = new Checker({ threads: ${threads} });
      for (let round = 0; round < 2; round++) {
        const loop = checker.checkingLoop().catch(messageOf);
        await checker.waitReady();
        fault("${call}", ${errno});
        const pending = Array.from({ length: ${checks} }, () => checker.checkAddr({ hostname, port }, 60_000).catch(messageOf));
        console.log(...new Set(await Promise.all(pending)));
        console.log(await loop, checker.isReady);
        console.log(await checker.checkAddr({ hostname, port }).catch((error) => error.name));
      }
      Deno.exit(0);
    `);
    const round = `${error}\n${error} false\nCheckerNotRunningError\n`;
    assertEquals(stdout, round + round, stderr);
    if (errno === 0) assertStringIncludes(stderr, "panicked at");
    assertEquals(code, 0);
    proves(t, "faults", `2 engines: ${2 * checks} checks pending, ${2 * checks} rejected with the cause`);
  });
}

Deno.test("an engine's error that rejects a check does not end the process, and is the cause of later rejections", async () => {
  const { code, stdout, stderr } = await run(`
    await using checker = new Checker();
    checker.checkingLoop();
    await checker.waitReady();
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    fault("EpollWait", 9);
    const checks = Array.from({ length: 100 }, () => checker.checkAddr(listener.addr).catch(messageOf));
    console.log(...new Set(await Promise.all(checks)));
    await new Promise((resolve) => setTimeout(resolve, 10));
    console.log(await checker.checkAddr(listener.addr).catch(({ name, cause }) => name + ": " + messageOf(cause)));
    console.log(await checker.waitReady().catch(messageOf));

    // The checker can be started again.
    const loop = checker.checkingLoop();
    await checker.waitReady();
    console.log((await checker.checkAddr(listener.addr)).status);
    listener.close();
  `);
  const error = "Cannot run the native engine: EBADF";
  assertEquals(stdout, `${error}\nCheckerNotRunningError: ${error}\n${error}\nup\n`, stderr);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("a failed start of an engine rejects with the cause, and the next start succeeds", async (t) => {
  const failures = [
    ["EpollCreate", 24, "EMFILE"],
    ["EventfdCreate", 23, "ENFILE"],
    ["EpollAdd", 28, "ENOSPC"],
    ["SpawnThread", 11, "EAGAIN"],
  ] as const;
  const { code, stdout, stderr } = await run(`
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const checker = new Checker();
    for (const [call, errno] of ${JSON.stringify(failures)} as [string, number][]) {
      fault(call, errno);
      console.log(await checker.checkingLoop().catch(messageOf));
      const loop = checker.checkingLoop();
      console.log((await checker.checkAddr(listener.addr)).status);
      await checker[Symbol.asyncDispose]();
      await loop;
    }
    listener.close();
  `);
  assertEquals(stdout, failures.map(([, , code]) => `Cannot start the native engine: ${code}\nup\n`).join(""), stderr);
  assertEquals(code, 0);
  proves(t, "faults", `${failures.length} starts failed, each with its error, and ${failures.length} succeeded after`);
});

Deno.test("the published library has no fault injection", () => {
  const library = new URL("../../target/release/libtcp_shaker.so", import.meta.url);
  assertThrows(
    () => Deno.dlopen(library, { shaker_fault: { parameters: ["u32", "i32"], result: "void" } }),
    Error,
    "undefined symbol: shaker_fault",
  );
});
