/** Check of a list's slices, against what an agent encodes. */

import { assert, assertThrows } from "@std/assert";
import { shareOf, sliceOf } from "../../lib/assignment/shares.ts";
import { checkSlices } from "../../lib/list/check_slices.ts";
import { encode } from "../../lib/protocol/codec.ts";
import { MAX_MESSAGE_BYTES } from "../../lib/protocol/limits.ts";
import { parseReportBatch, type TargetReport } from "../../lib/protocol/target_reports.ts";

/** Ids of one slice, with characters that JSON escapes. */
function* idsOfSlice(slice: number): Generator<string> {
  for (let i = 0;; i++) {
    const id = `${i}-${'"'.repeat(400)}`;
    if (sliceOf(shareOf(id)) === slice) yield id;
  }
}

Deno.test("a slice whose reports just fit into a message is accepted, and one target more is refused", () => {
  const ids: string[] = [];
  for (const id of idsOfSlice(7)) {
    const all = [...ids, id];
    try {
      checkSlices(all);
    } catch {
      break;
    }
    ids.push(id);
  }
  assert(ids.length > 500);
  // The longest values that an agent has.
  const reports = ids.map((id): TargetReport => [id, "down", Date.now(), 2 ** 31, 1000, "unreachable"]);
  const data = encode({ boot: "0123456789abcdef", epoch: 100, reports });
  assert(data.length <= MAX_MESSAGE_BYTES, `${data.length}`);
  assert(data.length > 0.95 * MAX_MESSAGE_BYTES, `${data.length}`);
  assert("reports" in parseReportBatch(data));
});

Deno.test("a list that is too long is refused with its length and what to do", () => {
  const ids = Array.from({ length: 1_500_000 }, (_, i) => `target-${i}.example:443`);
  assertThrows(() => checkSlices(ids), RangeError, "The list of 1500000 targets is too long");
  checkSlices(ids.slice(0, 1_000_000));
});
