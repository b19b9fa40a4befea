/** An engine that ends by itself is restarted, and no target changes its state meanwhile. */

import { assert, assertEquals } from "@std/assert";
import { buildFaultyLibrary, FAULTY_LIBRARY } from "../../tests/support/faulty_library.ts";
import { runScript } from "../../tests/support/script.ts";
import type { Input, Output } from "./scripts/engine_end.ts";

const calls = await buildFaultyLibrary();
const TARGETS = 20;

for (
  const [what, call, errno, reason] of [
    ["fails", "EpollWait", 9, "Cannot run the native engine: EBADF"],
    ["panics", "Connect", 0, "Cannot run the native engine: it panicked, please report the message on stderr"],
  ] as const
) {
  Deno.test(`an engine that ${what} causes trouble but no transition, and is restarted`, async () => {
    const input: Input = { library: FAULTY_LIBRARY, call: calls[call], errno, targets: TARGETS };
    const { events, states } = await runScript<Output>("../../monitor/tests/scripts/engine_end.ts", input);
    const [begins, ends, ...others] = events.slice(TARGETS);
    assert(
      begins.type === "trouble" && begins.active && ends.type === "trouble" && !ends.active,
      JSON.stringify(events),
    );
    assertEquals([begins.reason, others], [reason, []]);
    assert(states.every(({ state, transitions }) => state === "up" && transitions === 0), JSON.stringify(states));
    assert(states.every(({ neutral, checks }) => neutral > 0 && checks > neutral), JSON.stringify(states));
  });
}
