import { assert, assertEquals } from "@std/assert";
import { engineTest, newChecker } from "../support/engines.ts";
import { Application } from "../support/application.ts";
import { closedPort, OpenPort } from "../support/listener.ts";

engineTest("checkAddr() is up for an open port", async (engine) => {
  using open = new OpenPort();
  await using checker = newChecker(engine);
  checker.checkingLoop();
  const result = await checker.checkAddr(open.target);
  assert(result.status === "up");
  assertEquals(result.target, open.target);
  assertEquals(result.address, { hostname: "127.0.0.1", port: open.port, family: 4 });
  assertEquals(result.mode, engine.mode);
  assertEquals(result.retransmits, 0);
  assertEquals(result.dnsTime, 0);
  assert(result.rtt > 0);
  assert(result.duration > 0);
});

engineTest("checkAddr() is refused by a closed port", async (engine) => {
  await using checker = newChecker(engine);
  checker.checkingLoop();
  const target = closedPort();
  const result = await checker.checkAddr(target);
  assert(result.status === "refused");
  assertEquals(result.code, "ECONNREFUSED");
  assertEquals(result.errno, 111);
  assertEquals(result.address.family, 4);
});

engineTest("accept() returns once per full handshake, and never for a half-open one", async (engine) => {
  using application = new Application();
  await using checker = newChecker(engine);
  checker.checkingLoop();
  const results = await Promise.all(Array.from({ length: 100 }, () => checker.checkAddr(application.address)));
  for (const { status, mode } of results) assertEquals([status, mode], ["up", engine.mode]);
  assertEquals(await application.countAccepted(), 100 * engine.accepted);
});
