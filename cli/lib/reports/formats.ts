/**
 * Table of the output formats. To add a format, add an entry here and a file in reports/. The parser, the help, the man
 * page and the completions read the option from this table.
 */

import type { MonitorEvent } from "@tcp-shaker/monitor";
import { eventJson } from "@tcp-shaker/monitor/json-lines";
import { type Mode, MODES_WITH_FORMATS } from "../mode.ts";
import { ChangeFilter } from "./change_filter.ts";
import { ClosingStatistics, statisticsJson, statisticsText } from "./closing_statistics.ts";
import { CsvReport } from "./csv.ts";
import { eventLine } from "./events.ts";
import { ExplainReport } from "./explain.ts";
import { JsonReport } from "./json.ts";
import { LineFormatter } from "./line_formatter.ts";
import { LineReport, OrderedLineReport } from "./lines.ts";
import { NagiosReport } from "./nagios.ts";
import { PrometheusReport } from "./prometheus.ts";
import { QUIET, type Report, type Run } from "./report.ts";
import { SummaryReport } from "./summary.ts";
import { hasCursorControl } from "../streams.ts";

/** Names of the formats. All but `text`, the default, are options too: `--json`. */
export type Format = "text" | "json" | "csv" | "nagios" | "prometheus" | "quiet" | "explain";

/** Names of the formats that are options. */
export type FormatFlag = Exclude<Format, "text">;

/** An output format. */
export interface FormatEntry {
  /** The option's one-letter form. */
  readonly short?: string;
  /** The modes that have the format; all if absent. */
  readonly modes?: readonly Mode[];
  /** The help of the option. */
  readonly help: string;
  /** Whether its results need the details of the SYN-ACK. */
  readonly details?: true;
  /** Whether the format reports each address of one target. The target is up if one of its addresses is up. */
  readonly eachAddress?: true;
  /** Creates the report of a run. */
  readonly report: (run: Run) => Report;
  /** Formats an event of the monitor; absent if the format prints none. */
  readonly event?: (event: MonitorEvent) => string;
}

/** All formats, by their names, in the order of the help. */
export const FORMATS: Readonly<Record<Format, FormatEntry>> = {
  text: {
    help: "print aligned columns",
    report: textReport,
    event: eventLine,
  },
  json: {
    modes: [...MODES_WITH_FORMATS, "history", "fleet"],
    help: "print one JSON object per line (see docs/json.md)",
    details: true,
    report: jsonReport,
    event: eventJson,
  },
  csv: {
    modes: ["check", "ping", "wait", "watch", "scan", "history"],
    help: "print one CSV row per result, after a header",
    report: (run) => changesIn(run, new CsvReport()),
  },
  nagios: {
    modes: ["check"],
    help: "print the output line of a Nagios plugin, and exit with its status",
    report: ({ command: { minUp, options }, caveats }) =>
      new NagiosReport({ minUp, timeout: options.timeout, eachAddress: options.resolve === "all", caveats }),
  },
  prometheus: {
    modes: ["check"],
    help: "print Prometheus metrics for node_exporter (see docs/prometheus.md)",
    report: ({ command: { minUp, options }, caveats }) =>
      new PrometheusReport({ isJudged: minUp !== undefined, eachAddress: options.resolve === "all", caveats }),
  },
  quiet: {
    short: "q",
    modes: MODES_WITH_FORMATS,
    help: "print nothing, only return the exit status",
    report: () => QUIET,
  },
  explain: {
    modes: ["check"],
    help: "print what was sent and received, step by step, for one target",
    details: true,
    eachAddress: true,
    report: () => new ExplainReport(),
  },
};

/** The formats that are options, in the order of the help. */
export const FORMAT_FLAGS = Object.keys(FORMATS).filter((name) => name !== "text") as FormatFlag[];

/** Creates the report of a run, in the format of its command. */
export function makeReport(run: Run & { readonly command: { readonly format: Format } }): Report {
  return FORMATS[run.command.format].report(run);
}

function textReport(run: Run): Report {
  const { command: { mode, options, verbose }, samples, isAligned, statistics, total } = run;
  const lines = new LineFormatter(samples, isAligned);
  switch (mode) {
    case "summary":
      return new SummaryReport({ total, verbose, json: false });
    case "ping":
      return new ClosingStatistics(new LineReport(lines, ({ round }) => `[${round}] `), statistics, statisticsText);
    case "watch":
      // The live view shows the results instead.
      if (hasCursorControl.stdout) return QUIET;
      return new ChangeFilter(new LineReport(lines, () => `${new Date().toISOString()}  `));
    case "wait":
      return new ChangeFilter(new LineReport(lines));
    default:
      // A scan has no order, and the last result of a target with several addresses can't be recognized.
      return mode === "scan" || options.resolve === "all" ? new LineReport(lines) : new OrderedLineReport(lines);
  }
}

function jsonReport(run: Run): Report {
  const { command: { mode, verbose }, statistics, total } = run;
  if (mode === "summary") return new SummaryReport({ total, verbose, json: true });
  if (mode === "ping") return new ClosingStatistics(new JsonReport(), statistics, statisticsJson);
  return changesIn(run, new JsonReport());
}

/** Omits repeated statuses in the modes that report changes. */
function changesIn({ command: { mode } }: Run, report: Report): Report {
  return mode === "wait" || mode === "watch" ? new ChangeFilter(report) : report;
}
