/** Check of a list's slices, against an agent's encoding. */

import { assert, assertThrows } from "@std/assert";
import { shardOf, sliceOf } from "../../lib/assignment/shards.ts";
import { checkSlices } from "../../lib/list/check_slices.ts";
import { encode } from "../../lib/protocol/codec.ts";
import { MAX_MESSAGE_BYTES } from "../../lib/protocol/limits.ts";
import { parseReportBatch, type TargetReport } from "../../lib/protocol/target_reports.ts";

/** Ids of one slice, with characters that JSON escapes. They are long, so that few of them fill a message. */
function* idsOfSlice(slice: number): Generator<string> {
  for (let i = 0;; i++) {
    const id = `${i}-${'"'.repeat(1000)}`;
    if (sliceOf(shardOf(id)) === slice) yield id;
  }
}

function isAccepted(ids: readonly string[]): boolean {
  try {
    checkSlices(ids);
    return true;
  } catch {
    return false;
  }
}

Deno.test("a slice whose reports just fit into a message is accepted, and one more target is rejected", () => {
  const source = idsOfSlice(7).take(300).toArray();
  let count = 200;
  while (isAccepted(source.slice(0, count + 1))) count++;
  const ids = source.slice(0, count);
  checkSlices(ids);
  // The longest values that an agent sends.
  const reports = ids.map((id): TargetReport => [id, "down", Date.now(), 2 ** 31, 1000, "unreachable"]);
  const data = encode({ boot: "0123456789abcdef", epoch: 100, reports });
  assert(data.length <= MAX_MESSAGE_BYTES, `${data.length}`);
  assert(data.length > 0.95 * MAX_MESSAGE_BYTES, `${data.length}`);
  assert("reports" in parseReportBatch(data));
  const problem = `The list of ${count + 1} targets is too long: a single agent would report`;
  const { message } = assertThrows(() => checkSlices(source.slice(0, count + 1)), RangeError, problem);
  assert(message.endsWith("remove targets, or shorten their ids"), message);
});
