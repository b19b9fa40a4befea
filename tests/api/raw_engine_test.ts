/** Who may have the raw engine, and what becomes of those who may not. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CheckerOptions } from "../../mod.ts";
import type { Output } from "../scripts/start_engine.ts";
import { namespaceTest, runInNamespace, WITHOUT_RAW } from "../support/namespace.ts";

namespaceTest(`engine: "auto" is raw with CAP_NET_RAW`, async () => {
  assertEquals(await start({ engine: "auto" }), "raw");
  assertEquals(await start({ engine: "raw" }), "raw");
});

namespaceTest(`engine: "auto" takes sockets without CAP_NET_RAW`, async () => {
  assertEquals(await start({ engine: "auto" }, WITHOUT_RAW), "socket");
});

namespaceTest(`engine: "raw" without CAP_NET_RAW says how to get it`, async () => {
  const message = await start({ engine: "raw" }, WITHOUT_RAW);
  for (const part of [`engine "raw"`, "CAP_NET_RAW", "setcap", "AmbientCapabilities", "--cap-add", "EPERM"]) {
    assertStringIncludes(message, part);
  }
});

namespaceTest(`a source that is not ours is no reason for engine: "auto" to take sockets`, async () => {
  const message = await start({ engine: "auto", source: "203.0.113.1" });
  assertStringIncludes(message, "it is no address of this system");
});

function start(options: CheckerOptions, setup?: string): Promise<Output> {
  return runInNamespace<Output>("start_engine.ts", options, { setup });
}
