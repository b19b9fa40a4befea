/** Probes a name that no resolver answers for, by an agent and by blackbox_exporter. */

import { readInput, writeOutput } from "../../../tests/support/script.ts";
import { Daemon } from "../support/daemon.ts";
import { ServedAgent } from "../support/served_agent.ts";

export interface Input {
  target: string;
}

export interface Output {
  ours: { status: number; text: string };
  theirs: { status: number; text: string };
}

const { target } = readInput<Input>();
const modules = await Deno.makeTempFile();
await Deno.writeTextFile(modules, "modules: { tcp_connect: { prober: tcp } }\n");
await using served = await ServedAgent.start(`probe: { allow: [127.0.0.0/8], modules_file: "${modules}" }`);
const url = "http://127.0.0.1:9115";
await using blackbox = new Daemon("prometheus-blackbox-exporter", [
  `--config.file=${modules}`,
  `--web.listen-address=${new URL(url).host}`,
]);
await blackbox.ready(`${url}/-/healthy`);
const path = `/probe?${new URLSearchParams({ module: "tcp_connect", target })}`;
const theirs = await fetch(url + path);
const { status, text } = await served.ask(path);
writeOutput({ ours: { status, text }, theirs: { status: theirs.status, text: await theirs.text() } } satisfies Output);
await Deno.remove(modules);
