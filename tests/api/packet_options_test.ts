/** The packet options of a checker on loopback, and the errors for options that the system refuses. */

import { assertEquals, assertRejects, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Checker, type CheckerOptions, type CheckResult, type PacketOptions } from "../../mod.ts";
import { OpenPort } from "../support/listener.ts";
import { copyModule } from "../support/module_copy.ts";
import { run } from "../support/program.ts";

Deno.test("every check has the configured source address", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using checker = started({ source: "127.0.0.9" });
  const target = `127.0.0.1:${listener.addr.port}`;
  for (let i = 0; i < 5; i++) assertEquals((await checker.checkAddr(target)).status, "up");
  const [connection, result] = await Promise.all([listener.accept(), checker.checkAddr(target, { zeroLinger: false })]);
  assertEquals([connection.remoteAddr.hostname, result.status], ["127.0.0.9", "up"]);
  connection.close();
});

Deno.test("a target of another family than the source is unresolved", async () => {
  using open = new OpenPort();
  await using checker = started({ source: "127.0.0.9" });
  const outcome = (result: CheckResult) => [result.status, "code" in result && result.code];
  assertEquals(outcome(await checker.checkAddr("[::1]:80")), ["unresolved", "EAI_ADDRFAMILY"]);
  assertEquals(outcome(await checker.checkAddr("localhost:80", { family: 6 })), ["unresolved", "EAI_ADDRFAMILY"]);
  assertEquals(outcome(await checker.checkAddr(open.target, { family: 6 })), ["unresolved", "EAI_ADDRFAMILY"]);
  const { status, address } = await checker.checkAddr(`localhost:${open.target.split(":")[1]}`);
  assertEquals([status, address?.hostname], ["up", "127.0.0.1"]);
});

const REFUSED: [options: PacketOptions, message: string][] = [
  [{ source: "192.0.2.1" }, "Cannot check with source 192.0.2.1: it is not an address of this host (EADDRNOTAVAIL)"],
  [{ source: "fe80::1" }, "a link-local address needs its interface, as in fe80::1%eth0 (EINVAL)"],
  [{ source: "fe80::1%nosuch0" }, "Cannot check with source fe80::1%nosuch0: there is no such interface (ENODEV)"],
  [{ interface: "nosuch0" }, "Cannot check with interface nosuch0: there is no such interface (ENODEV)"],
];

Deno.test("an option that the system rejects fails the start of the loop with an error that names it", async () => {
  for (const [options, message] of REFUSED) {
    await using checker = new Checker(options);
    const ended = checker.checkingLoop().catch((error) => error);
    const error = await assertRejects(() => checker.waitReady(), Error);
    assertStringIncludes(error.message, message);
    assertStrictEquals(await ended, error);
    assertEquals(checker.isReady, false);
  }
});

const MALFORMED: [options: unknown, kind: new () => Error, message: string][] = [
  [{ source: 7 }, TypeError, "source must be an IP address: 7"],
  [{ source: "" }, TypeError, 'source must be an IP address: ""'],
  [{ source: "localhost" }, TypeError, "source must be an IP address"],
  [{ source: "[::1]" }, TypeError, "source must be an IP address"],
  [{ source: "192.0.2.1:80" }, TypeError, "source must be an IP address"],
  [{ source: `fe80::1%${"\u{1f600}".repeat(7)}` }, TypeError, "source must be an IP address"],
  [{ interface: "" }, TypeError, "interface must be a name of up to 15 characters"],
  [{ interface: "sixteen-letters-" }, TypeError, "interface must be a name of up to 15 characters"],
  [{ interface: "eth0/" }, TypeError, "interface must be a name"],
  [{ interface: 2 }, TypeError, "interface must be a name"],
  [{ mark: "1" }, TypeError, 'mark must be a number: "1"'],
  [{ mark: -1 }, RangeError, "mark must be an integer from 0 to 4294967295, it is -1"],
  [{ mark: 2 ** 32 }, RangeError, "mark must be an integer"],
  [{ mark: 0.5 }, RangeError, "mark must be an integer"],
  [{ tos: 256 }, RangeError, "tos must be an integer from 0 to 252, it is 256"],
  [{ tos: 0xb9 }, RangeError, "tos must be a multiple of 4"],
  [{ tos: true }, TypeError, "tos must be a number"],
  [{ synRetries: 128 }, RangeError, "synRetries must be an integer from 0 to 127, it is 128"],
  [{ synRetries: NaN }, RangeError, "synRetries must be an integer"],
  [{ synRetries: null }, TypeError, "synRetries must be a number"],
  [{ tos: 8, engine: "connect" }, TypeError, 'tos does not work with engine "connect"'],
];

Deno.test("malformed packet options throw an error that names the option and the problem", () => {
  for (const [options, kind, message] of MALFORMED) {
    assertStringIncludes(assertThrows(() => new Checker(options as CheckerOptions), kind).message, message);
  }
});

Deno.test("full connects never replace checks with packet options", async () => {
  const folder = await copyModule();
  const script = `
    const failure = await new Checker({ synRetries: 1, fallback: "connect" }).checkingLoop().catch((error) => error);
    console.log(failure.message, failure.cause instanceof Error);
  `;
  const { stdout } = await run(script, ["--allow-ffi", "--allow-net"], `file://${folder}/mod.ts`);
  await Deno.remove(folder, { recursive: true });
  assertStringIncludes(stdout, "Cannot check with synRetries: it needs half-open checks: Cannot load");
  assertStringIncludes(stdout, " true\n");
});

function started(options: CheckerOptions): Checker {
  const checker = new Checker(options);
  checker.checkingLoop();
  return checker;
}
