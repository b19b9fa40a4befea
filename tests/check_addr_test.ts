import { assert, assertEquals } from "@std/assert";
import { Checker } from "../mod.ts";
import { closedPort, OpenPort } from "./support/listener.ts";

Deno.test("checkAddr() is up for an open port", async () => {
  using open = new OpenPort();
  await using checker = new Checker();
  checker.checkingLoop();
  const result = await checker.checkAddr(open.target);
  assert(result.status === "up");
  assertEquals(result.target, open.target);
  assertEquals(result.address, { hostname: "127.0.0.1", port: open.port, family: 4 });
  assertEquals(result.mode, "half-open");
  assertEquals(result.retransmits, 0);
  assertEquals(result.dnsTime, 0);
  assert(result.rtt > 0);
  assert(result.duration > 0);
});

Deno.test("checkAddr() is refused by a closed port", async () => {
  await using checker = new Checker();
  checker.checkingLoop();
  const target = closedPort();
  const result = await checker.checkAddr(target);
  assert(result.status === "refused");
  assertEquals(result.code, "ECONNREFUSED");
  assertEquals(result.errno, 111);
  assertEquals(result.address.family, 4);
});
