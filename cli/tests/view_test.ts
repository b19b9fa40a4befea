/** The live view as pure functions: columns, rows, marks, keys. */

import { assert, assertEquals } from "@std/assert";
import type { TargetState } from "@tcp-shaker/monitor";
import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { fit } from "../lib/terminal/columns.ts";
import { frame } from "../lib/terminal/frame.ts";
import { ASCII, UNICODE } from "../lib/terminal/glyphs.ts";
import { Sparkline } from "../lib/terminal/sparkline.ts";
import { parseInput } from "../lib/terminal/keys.ts";
import { filtered, labelOf, type Row, type Sort, sorted } from "../lib/terminal/row.ts";
import { Widths } from "../lib/terminal/table.ts";
import { applyKey, INITIAL_VIEW } from "../lib/terminal/view.ts";

const TIMES = { target: "", mode: "half-open", engine: "socket", dnsTime: 0, duration: 1, retransmits: 0 } as const;
const ADDRESS = { hostname: "192.0.2.1", port: 80, family: 4 } as const;

function up(rtt: number): CheckResult {
  return { ...TIMES, status: "up", address: ADDRESS, rtt };
}

const REFUSED: CheckResult = { ...TIMES, status: "refused", address: ADDRESS, code: "ECONNREFUSED", errno: 111 };
const SILENT: CheckResult = { ...TIMES, status: "timeout", phase: "connect" };
const UNRESOLVED = { ...TIMES, status: "unresolved", code: "EAI_NONAME" } as CheckResult;

function row(text: string, changes: Partial<TargetState> = {}): Row {
  const { hostname, port } = URL.parse(`http://${text}`)!;
  const target = { text, hostname: text.replace(/:\d+$/, ""), port: Number(port), isName: true };
  const counters = { checks: 10, failures: 0, neutral: 0, reports: 0, transitions: 0, downtime: 0 };
  const flags = { degraded: false, flapping: false, group: "", labels: {}, since: 0 };
  const state: TargetState = { id: hostname, target: text, state: "up", ...flags, ...counters, ...changes };
  return { target, label: labelOf(target), state, sparkline: new Sparkline() };
}

function lines(rows: readonly Row[], columns: number, height: number, sort: Sort = "given"): readonly string[] {
  const model = {
    rows,
    sort,
    checks: 1,
    startedAt: 0,
    now: 5000,
    notices: [],
    widths: new Widths(rows),
    hasKeys: true,
  };
  return frame(model, INITIAL_VIEW, { columns, rows: height }, UNICODE).lines;
}

Deno.test("a mark shows the round-trip time on a scale that does not depend on other checks", () => {
  const sparkline = new Sparkline();
  for (const rtt of [0.01, 0.29, 0.3, 1, 3, 10, 30, 100, 300, 5000]) sparkline.add(up(rtt));
  for (const result of [REFUSED, SILENT, UNRESOLVED]) sparkline.add(result);
  assertEquals(sparkline.text(80, UNICODE), "▁▁▂▃▄▅▆▇██x.!");
  assertEquals(sparkline.text(80, ASCII), "1123456788x.!");
  // If not all marks fit, the newest ones are shown.
  assertEquals(sparkline.text(4, UNICODE), "█x.!");
  for (let i = 0; i < 1000; i++) sparkline.add(REFUSED);
  assertEquals(sparkline.text(1000, UNICODE).replaceAll("x", ""), "");
});

Deno.test("columns fit into a terminal of any width", () => {
  const natural = { target: 40, state: 11, since: 7, last: 12, loss: 5 };
  for (let columns = 1; columns <= 200; columns++) {
    const widths = [...fit(natural, columns).values()];
    const total = widths.reduce((sum, width) => sum + width + 2, -2);
    assert(total <= columns && widths.every((width) => width > 0), `${columns}: ${widths}`);
  }
  assertEquals([...fit(natural, 25).keys()], ["target", "state"]);
  assertEquals(fit(natural, 120).get("history"), 120 - 83 - 2);
  // A long target is truncated to make room for the history, but not on a narrow terminal.
  assertEquals([fit(natural, 80).get("target"), fit(natural, 80).get("history")], [27, 8]);
  assertEquals([fit(natural, 70).get("target"), fit(natural, 70).get("history")], [27, undefined]);
});

Deno.test("frame() fills the terminal with lines that are no wider than it", () => {
  const long = row(`${"a-long-name.".repeat(5)}example:8080`, { result: SILENT, turning: { count: 1, of: 3 } });
  long.sparkline.add(SILENT);
  for (const columns of [1, 10, 25, 44, 80, 200]) {
    for (const height of [1, 2, 3, 6, 7, 24]) {
      const shown = lines([long, row("b.example:80")], columns, height);
      assertEquals(shown.length, height);
      assertEquals(shown.filter((line) => line.length > columns), []);
    }
  }
  const [, , first] = lines([long], 80, 10);
  assertEquals(first, "a-long-name.a-…e.example:8080  up 1/3          0:05  no answer      0%  .");
});

Deno.test("targets are shown in ASCII", () => {
  const wide = row("数据库.example:5432");
  assert(/^xn--[a-z\d]+\.example:5432$/.test(wide.label), wide.label);
  // The filter accepts both forms.
  for (const part of ["数据", wide.label.slice(0, 8), "EXAMPLE"]) assertEquals(filtered([wide], part), [wide]);
  assertEquals(filtered([wide], "other"), []);
});

Deno.test("rows sorted by state have targets that are not up first, and otherwise the order of the targets", () => {
  const rows = [
    row("a10.example:80", { result: up(2), since: 3 }),
    row("a9.example:80", { state: "unknown", since: 2 }),
    row("b.example:80", { state: "down", failures: 5, result: REFUSED, since: 9 }),
    row("c.example:80", { result: up(7), failures: 1, since: 1 }),
  ];
  const order = (sort: Sort) => sorted(rows, sort).map((row) => rows.indexOf(row));
  assertEquals(order("given"), [0, 1, 2, 3]);
  assertEquals(order("state"), [2, 1, 0, 3]);
  assertEquals(order("target"), [1, 0, 2, 3]);
  assertEquals(order("rtt"), [1, 2, 3, 0]);
  assertEquals(order("loss"), [2, 3, 0, 1]);
  assertEquals(order("change"), [2, 0, 1, 3]);
  assertEquals(filtered(rows, "econn").map((row) => rows.indexOf(row)), [2]);
  assertEquals(filtered(rows, "unknown").map((row) => rows.indexOf(row)), [1]);
});

Deno.test("the loss is the share of failures among the checks that are not neutral", () => {
  const line = (changes: Partial<TargetState>) => lines([row("a.example:80", changes)], 60, 10)[2];
  assert(line({ checks: 8, failures: 1, neutral: 4 }).endsWith(" 25%"));
  assert(line({ checks: 3, failures: 0 }).endsWith(" 0%"));
  assert(!line({ checks: 4, failures: 0, neutral: 4 }).includes("%"));
});

Deno.test("keys of xterm, rxvt and the Linux console are parsed, and pasted text letter by letter", () => {
  assertEquals(parseInput("\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1bOF\x1b[1~\x1b[8~"), [
    "up",
    "down",
    "page-up",
    "page-down",
    "home",
    "end",
    "home",
    "end",
  ]);
  assertEquals(parseInput("\r\x7f\b\x15\x1b"), ["enter", "backspace", "backspace", "erase", "escape"]);
  assertEquals(parseInput("/é😀"), [{ text: "/" }, { text: "é" }, { text: "😀" }]);
  assertEquals(parseInput("\x1b[1;3R"), [{ column: 3 }]);
  // Unknown keys: F5, Ctrl-Right, Ctrl-A.
  assertEquals(parseInput("\x1b[15~\x1b[1;5C\x01"), []);
});

Deno.test("keys scroll within the rows, and never beyond", () => {
  const extent = { count: 25, page: 10 };
  const keys = ["up", "down", "page-down", "page-down", "page-down", "up", "page-up", "home", "end", "down"] as const;
  let view = INITIAL_VIEW;
  const tops = keys.map((key) => (view = applyKey(view, key, extent) as typeof view).top);
  assertEquals(tops, [0, 1, 10, 15, 15, 14, 5, 0, 15, 15]);
  assertEquals(applyKey(INITIAL_VIEW, "down", { count: 3, page: 10 }), INITIAL_VIEW);
});

Deno.test("q quits, but not in the filter's prompt", () => {
  const extent = { count: 1, page: 1 };
  assertEquals(applyKey(INITIAL_VIEW, { text: "q" }, extent), "quit");
  const prompt = applyKey(INITIAL_VIEW, { text: "/" }, extent) as typeof INITIAL_VIEW;
  const typed = applyKey(prompt, { text: "q" }, extent) as typeof INITIAL_VIEW;
  assertEquals(typed, { top: 0, filter: "q", isPrompt: true });
  assertEquals(applyKey(typed, "backspace", extent), prompt);
  const kept = applyKey(typed, "enter", extent) as typeof INITIAL_VIEW;
  assertEquals([kept.filter, kept.isPrompt, applyKey(kept, { text: "q" }, extent)], ["q", false, "quit"]);
  assertEquals(applyKey(kept, "escape", extent), INITIAL_VIEW);
});
