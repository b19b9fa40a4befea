/**
 * Writes the tables of monitor/docs/thresholds.md: times to detect, and false alarms.
 *
 * Run it with: deno run --allow-read --allow-write=monitor/docs monitor/tools/thresholds.ts
 */

import { DEFAULT_VERDICT } from "../lib/verdict_options.ts";
import { detectionTime, type Settings } from "./detection.ts";
import { failureShare, falseAlarmsPerYear } from "./false_alarms.ts";

const PAGE = new URL("../docs/thresholds.md", import.meta.url);
/** The defaults, in ms and as a share. */
const INTERVAL = 2000;
const SPREAD = 0.05;

const SETTINGS: readonly Settings[] = [
  { interval: 2000, fastInterval: 2000, timeout: 1000, fall: 3, spread: SPREAD },
  { interval: 2000, fastInterval: 500, timeout: 1000, fall: 3, spread: SPREAD },
  { interval: 2000, fastInterval: 500, timeout: 500, fall: 3, spread: SPREAD },
  { interval: 1000, fastInterval: 250, timeout: 250, fall: 3, spread: SPREAD },
  { interval: 5000, fastInterval: 1000, timeout: 1000, fall: 3, spread: SPREAD },
  { interval: 10_000, fastInterval: 1000, timeout: 1000, fall: 5, spread: SPREAD },
  { interval: 10_000, fastInterval: 10_000, timeout: 1000, fall: 3, spread: SPREAD },
];
const LOSSES = [0.001, 0.01, 0.03, 0.1];
const FALLS = [1, 2, 3, 4, 5, 6];

/**
 * Replaces the tables of the page.
 *
 * @param page The page as it is.
 * @returns The page with the tables as they are computed.
 */
export function withTables(page: string): string {
  return [["detection", detectionTable()], ["false alarms", falseAlarmTable()]].reduce((text, [name, table]) => {
    const block = new RegExp(`(?<=<!-- table: ${name} -->\n\n)[^]*?(?=\n\n<!-- end -->)`);
    if (!block.test(text)) throw new Error(`Cannot find the table "${name}" in monitor/docs/thresholds.md`);
    return text.replace(block, () => table);
  }, page);
}

function detectionTable(): string {
  const rows = SETTINGS.map((settings) => {
    const [refused, silent] = [detectionTime(settings, 0), detectionTime(settings, settings.timeout)];
    const { interval, fastInterval, timeout, fall } = settings;
    return [
      ...[interval, fastInterval, timeout].map((ms) => `${ms / 1000} s`),
      String(fall),
      ...[refused.mean, refused.worst, silent.mean, silent.worst].map((ms) => `${(ms / 1000).toFixed(2)} s`),
    ];
  });
  const head = ["interval", "fast", "timeout", "fall", "RST, mean", "RST, worst", "silent, mean", "silent, worst"];
  return table(head, rows);
}

function falseAlarmTable(): string {
  const rows = FALLS.map((fall) => [
    String(fall),
    ...LOSSES.map((loss) => rate(falseAlarmsPerYear(failureShare(loss), DEFAULT_VERDICT.rise, fall, INTERVAL))),
  ]);
  return table(["fall", ...LOSSES.map((loss) => `${loss * 100} % lost`)], rows);
}

/** A rate in few digits: 1,234, 12.3, 0.012, 1.2e-6. */
function rate(rate: number): string {
  if (rate >= 100) return Math.round(rate).toLocaleString("en-US");
  return rate >= 0.001 ? String(Number(rate.toPrecision(2))) : rate.toExponential(1);
}

/** Writes a table as `deno fmt` does. */
function table(head: readonly string[], rows: readonly string[][]): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padStart(widths[i])).join(" | ")} |`;
  return [line(head), line(widths.map((width) => `${"-".repeat(width - 1)}:`)), ...rows.map(line)].join("\n");
}

if (import.meta.main) {
  const page = Deno.readTextFileSync(PAGE);
  Deno.writeTextFileSync(PAGE, withTables(page));
}
