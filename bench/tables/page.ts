/** The status page: CPU time of its viewers, its size, and its first paint. */

import { denoArgs } from "../harness/contestants.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import { Rounds } from "../harness/rounds.ts";
import type { Setting, Table } from "../harness/setting.ts";

const TARGETS = 10_000;
const VIEWERS = 200;
const SECONDS = 10;

/** Measurements of a round: shares of one core, messages per viewer and second, bytes, and times in ms. */
interface PageMeasured {
  readonly idle: number;
  readonly watched: number;
  readonly messageRate: number;
  readonly bytes: number;
  readonly ms: number;
  readonly paint?: number;
}

/** A page of 10,000 targets, one of which changes its state each second. Chromium connects to this host only. */
export const page: Table = {
  name: "page",
  title: `Status page, ${TARGETS.toLocaleString("en")} targets`,
  async measure(setting: Setting) {
    const name = "the page";
    const rounds = await Rounds.run([{ name }], setting.rounds, async (): Promise<PageMeasured> => {
      const args = [...denoArgs("page.ts"), `${TARGETS}`, `${VIEWERS}`, `${Math.max(2, SECONDS * setting.scale)}`];
      const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
      if (!success) throw new Error("The page can't be measured");
      return JSON.parse(new TextDecoder().decode(stdout));
    });
    const median = (figure: (measured: PageMeasured) => number) => rounds.median(name, figure);
    const viewersCpu = median(({ idle, watched }) => 100 * (watched - idle));
    const pageBytes = median(({ bytes }) => bytes);
    const firstPaint = median(({ paint = NaN }) => paint);
    const rows = [
      ["CPU without viewers, % of a core", formatNumber(median(({ idle }) => 100 * idle), 1)],
      [`CPU of ${VIEWERS} viewers, % of a core`, formatNumber(viewersCpu, 1)],
      ["messages per viewer and second", formatNumber(median(({ messageRate }) => messageRate), 1)],
      ["page on the wire, bytes", formatNumber(pageBytes, 0)],
      ["page, from request to end, ms", formatNumber(median(({ ms }) => ms), 1)],
      ["first contentful paint in Chromium, ms", Number.isNaN(firstPaint) ? "-" : formatNumber(firstPaint, 0)],
    ];
    return {
      text: table([["", "median"], ...rows]),
      figures: { viewersCpu, pageBytes, ...!Number.isNaN(firstPaint) && { firstPaint } },
    };
  },
};
