/** Reports with one line per result. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { printEscaped } from "../output.ts";
import type { CheckRequest } from "../target.ts";
import type { LineFormatter } from "./line_formatter.ts";
import { ReorderBuffer } from "./reorder_buffer.ts";
import type { Report } from "./report.ts";

/** Prints lines in the order of the requests, each as soon as the lines before it are printed. */
export class OrderedLineReport implements Report {
  readonly #lines: LineFormatter;
  readonly #buffer = new ReorderBuffer();

  /** @param lines Formats the lines. */
  constructor(lines: LineFormatter) {
    this.#lines = lines;
  }

  add(request: CheckRequest, result: CheckResult): void {
    this.#buffer.put(request.number, this.#lines.format(request, result));
  }

  end(): void {
    this.#buffer.end();
  }
}

/** Prints lines in the order of the results. */
export class LineReport implements Report {
  readonly #lines: LineFormatter;
  readonly #prefix: (request: CheckRequest) => string;

  /**
   * @param lines Formats the lines.
   * @param prefix Returns the start of the line of a request.
   */
  constructor(lines: LineFormatter, prefix: (request: CheckRequest) => string = () => "") {
    this.#lines = lines;
    this.#prefix = prefix;
  }

  add(request: CheckRequest, result: CheckResult): void {
    printEscaped(this.#prefix(request) + this.#lines.format(request, result));
  }

  end(): void {}
}
