/** Probes for Prometheus: `/probe` of the monitor beside blackbox_exporter's. */

import { denoArgs } from "../harness/contestants.ts";
import type { Measured } from "../contestants/measure.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import { Rounds } from "../harness/rounds.ts";
import type { Setting, Table } from "../harness/setting.ts";
import { runTrial } from "../harness/trial.ts";

const PROBES = 20_000;
const COMMAND = decodeURIComponent(new URL("../../cli/mod.ts", import.meta.url).pathname);

/** Probes per second, and CPU time of the server. */
export const probe: Table = {
  name: "probe",
  title: "`/probe`, port up, 50 connections",
  isolated: true,
  needs: "blackbox",
  async measure(setting: Setting) {
    const ours = {
      name: "tcp-checker monitor",
      configuration: "probe: { allow: [127.0.0.0/8] }",
      args: [Deno.execPath(), "run", "-A", COMMAND, "monitor", "--config", "CONFIG", "--listen", "ADDRESS"],
    };
    const theirs = {
      name: "blackbox_exporter",
      configuration: "modules: { tcp_connect: { prober: tcp } }",
      args: [setting.programs.blackbox!, "--config.file=CONFIG", "--web.listen-address=ADDRESS", "--log.level=error"],
    };
    const all = [ours, theirs];
    const rounds = await Rounds.run(all, setting.rounds, async ({ configuration, args }): Promise<Measured> => {
      const job = [...denoArgs("probe.ts"), "TARGET", `${PROBES * setting.scale}`, configuration, ...args];
      const { output } = await runTrial({ command: Deno.execPath(), args: job, port: "open", accept: true }, setting);
      return JSON.parse(output);
    });
    const rate = ({ checks, seconds }: Measured) => checks / seconds;
    const cpu = ({ checks, cpuMicros }: Measured) => cpuMicros / checks;
    const rows = all.map(({ name }) => [
      name,
      formatNumber(rounds.median(name, rate), 0),
      formatNumber(rounds.median(name, cpu), 0),
      formatNumber(rounds.ratio(ours.name, name, rate), 2),
      formatNumber(rounds.ratio(ours.name, name, cpu), 2),
    ]);
    const headings = ["", "probes/s", "CPU us/probe", "our rate : its", "our CPU : its"];
    return { text: table([headings, ...rows]), figures: { probes: rounds.median(ours.name, rate) } };
  },
};
