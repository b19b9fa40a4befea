/** Memory of a check in flight. */

import { denoArgs } from "../harness/contestants.ts";
import type { Memory } from "../contestants/memory.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import { Rounds } from "../harness/rounds.ts";
import type { Setting, Table } from "../harness/setting.ts";
import { runTrial } from "../harness/trial.ts";

/** Checks in flight with sockets. */
const IN_FLIGHT = 10_000;
const CHECK_ALL = "checkAll()";
/** Checks in flight without sockets. */
const IN_FLIGHT_RAW = 1_000_000;

/** Memory of a program with `checkAddr()` and `checkAll()`, and of the engine alone. */
export const memory: Table = {
  name: "memory",
  title: "Memory of a check in flight",
  isolated: true,
  async measure(setting) {
    const [whole, engine] = [await ofPrograms(setting), await ofEngines(setting)];
    return { text: `${whole.text}\n\n${engine.text}`, figures: { ...whole.figures, ...engine.figures } };
  },
};

async function ofPrograms(setting: Setting) {
  const all = [
    { name: "checkAddr(), a promise a check", contestant: "check_addr" },
    { name: CHECK_ALL, contestant: "check_all" },
  ];
  const rounds = await Rounds.run(all, setting.rounds, ({ contestant }) => {
    const args = [...denoArgs("memory.ts"), contestant, "TARGET", `${IN_FLIGHT}`];
    return inSilence<Memory>(Deno.execPath(), args, setting);
  });
  const rows = all.map(({ name }) => {
    const [heap, native, spare] = (["heap", "native", "spare"] as const).map((key) =>
      rounds.median(name, (score) => score[key])
    );
    return [name, ...[heap + native, heap, native, spare].map((bytes) => formatNumber(bytes, 0))];
  });
  const heading = `Bytes a check, ${IN_FLIGHT.toLocaleString("en")} in flight`;
  return {
    text: table([[heading, "all", "of it JavaScript", "all else", "V8's spare room"], ...rows]),
    figures: { heap: rounds.median(CHECK_ALL, ({ heap }) => heap) },
  };
}

async function ofEngines(setting: Setting) {
  const [sockets, raw] = [
    { name: "sockets", kind: "socket", checks: IN_FLIGHT },
    { name: "raw", kind: "raw", checks: Math.round(IN_FLIGHT_RAW * setting.scale) },
  ];
  const rounds = await Rounds.run([sockets, raw], setting.rounds, ({ kind, checks }) => {
    return inSilence<{ native: number }>(setting.programs.inFlight, ["TARGET", `${checks}`, kind], setting);
  });
  const bytes = (name: string) => rounds.median(name, ({ native }) => native);
  const rows = [sockets, raw].map(({ name, checks }) => [name, formatNumber(checks, 0), formatNumber(bytes(name), 0)]);
  return {
    text: table([["The engine alone", "checks in flight", "bytes a check"], ...rows]),
    figures: { native: bytes(sockets.name), rawNative: bytes(raw.name) },
  };
}

async function inSilence<Output>(command: string, args: string[], setting: Setting): Promise<Output> {
  const { output } = await runTrial({ command, args, port: "silent", accept: false }, setting);
  return JSON.parse(output);
}
