import { assertEquals } from "@std/assert";
import { engineTest, newChecker } from "./support/engines.ts";
import { closedPort } from "./support/listener.ts";

engineTest("checkAll() throws the reason when the loop has stopped while it waited for its source", async (engine) => {
  const reason = new Error("enough");
  const stop = new AbortController();
  const checker = newChecker(engine);
  const loop = checker.checkingLoop(stop.signal);
  const target = closedPort();
  async function* targets() {
    yield target;
    await loop;
    yield target;
  }
  const results = checker.checkAll(targets());
  assertEquals((await results.next()).value?.status, "refused");
  stop.abort(reason);
  assertEquals(await results.next().catch((error) => error), reason);
});
