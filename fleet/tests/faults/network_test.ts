/** Faults of the network, in a namespace: nft drops packets. */

import { assert, assertEquals } from "@std/assert";
import { LOOPBACK, namespaceTest, UNSHARE } from "../../../tests/support/namespace.ts";
import type { CutOff } from "../scripts/cut_off.ts";
import type { Partition } from "../scripts/partition.ts";
import { whyNoServer } from "../support/nats_server.ts";

/** Runs a script in a namespace, and returns the JSON of its last line. */
async function runIsolated<Output>(script: string): Promise<Output> {
  const path = new URL(`../scripts/${script}`, import.meta.url).pathname;
  const [program, ...args] = [
    ...UNSHARE,
    ...["sh", "-euc", `${LOOPBACK}\nexec "$@"`, "sh"],
    ...[Deno.execPath(), "run", "--quiet", "--no-check", "--cached-only", "--allow-all", path],
  ];
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${script} failed: ${text.decode(stderr)}${text.decode(stdout)}`);
  return JSON.parse(text.decode(stdout).trim().split("\n").at(-1)!);
}

if (whyNoServer === undefined) {
  namespaceTest(
    "a disconnected agent continues, is absent, catches up in order, and applies the new list",
    async () => {
      const seen = await runIsolated<CutOff>("cut_off.ts");
      const { absentAfter, backAfter, epoch, ...rest } = seen;
      assertEquals(rest, {
        down: ["192.0.2.0:80"],
        hasList: true,
        transitions: ["up", "down", "up"],
        isComplete: true,
      });
      assert(epoch >= 2);
      // The lease lasts 2 s after its last renewal, which is up to 0.5 s before the disconnection.
      assert(absentAfter > 1000, `${absentAfter}`);
      assert(backAfter > 0);
    },
  );

  namespaceTest(
    "in a partition the majority continues, and no agent becomes absent in the minority",
    async () => {
      assertEquals(await runIsolated<Partition>("partition.ts"), {
        down: [["192.0.2.0:80"], []],
        agents: [2, 3],
        transitions: ["up", "down", "up"],
        isComplete: true,
      });
    },
  );
}
