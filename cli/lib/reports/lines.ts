/** A line a result. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { print } from "../output.ts";
import type { Request } from "../targets/target.ts";
import type { Columns } from "./columns.ts";
import type { Report } from "./report.ts";
import { Sequence } from "./sequence.ts";

/** Prints lines in the order of the targets, each as soon as those before it are printed. */
export class OrderedLines implements Report {
  readonly #columns: Columns;
  readonly #sequence = new Sequence();

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  take(request: Request, result: CheckResult): void {
    this.#sequence.put(request.number, this.#columns.line(request, result));
  }

  end(): void {
    this.#sequence.end();
  }
}

/** Prints lines as they come. */
export class Lines implements Report {
  readonly #columns: Columns;
  readonly #prefix: (request: Request) => string;

  /**
   * @param columns Aligns them.
   * @param prefix What each starts with.
   */
  constructor(columns: Columns, prefix: (request: Request) => string = () => "") {
    this.#columns = columns;
    this.#prefix = prefix;
  }

  take(request: Request, result: CheckResult): void {
    print(this.#prefix(request) + this.#columns.line(request, result));
  }

  end(): void {}
}
