/** JSON Lines: one object per line. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { printEscaped } from "../output.ts";
import type { CheckRequest } from "../target.ts";
import { peerRecord, resultRecord, SCHEMA } from "./record.ts";
import type { Report } from "./report.ts";

/** Prints each result as an object of type `result`. */
export class JsonReport implements Report {
  add(request: CheckRequest, result: CheckResult): void {
    const record = { schema: SCHEMA, type: "result", ...resultRecord(request, result) };
    const peer = result.status === "up" && result.peer;
    printEscaped(JSON.stringify(peer ? { ...record, peer: peerRecord(peer) } : record));
  }

  end(): void {}
}
