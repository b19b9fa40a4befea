/** A trial in the lab (tests/lab/): a simulated network behind an Ethernet device, in its own network namespace. */

import type { Job, Run } from "./trial_process.ts";
import type { Rule } from "../../tests/support/behaviour.ts";

/** The device. */
export const DEVICE = "lab0";
/** Our address. */
export const SOURCE = "192.0.2.1";
/** The gateway; its hardware address is in tests/lab/src/tun.rs. */
export const ROUTER = { address: "192.0.2.2", mac: "02:00:00:00:00:02" };

const LAB = decodeURIComponent(new URL("../../target/debug/lab", import.meta.url).pathname);
const TRIAL_PROCESS = decodeURIComponent(new URL("./trial_process.ts", import.meta.url).pathname);
/** Scanners require user id 0. */
const UNSHARE = ["unshare", "--user", "--map-root-user", "--net"];
/** The device's queue has room for all packets until the lab reads them. */
const MAKE =
  `ip tuntap add dev ${DEVICE} mode tap && ip link set ${DEVICE} address 02:00:00:00:00:01 txqueuelen 200000`;
/** Commands that run after the lab has opened the device. */
const CONNECT = [
  `ip link set ${DEVICE} up`,
  `ip address add ${SOURCE}/24 dev ${DEVICE}`,
  `ip neighbour add ${ROUTER.address} lladdr ${ROUTER.mac} dev ${DEVICE}`,
  `ip route add 198.18.0.0/15 via ${ROUTER.address}`,
].join(" && ");

/** The reason why the lab can't run here; `undefined` if it can. */
export async function whyNoLab(): Promise<string | undefined> {
  const [command, ...args] = [...UNSHARE, "sh", "-c", `${MAKE} && ${CONNECT}`];
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  return success ? undefined : new TextDecoder().decode(stderr).trim();
}

/** The result of a job in the lab. */
export interface LabRun extends Run {
  /** Hosts whose answers the lab sent too late for lack of CPU: `"address:port"`. */
  late: string[];
}

/**
 * Runs a job in a network.
 *
 * @param job The job.
 * @param rules The rules of the network.
 * @param lateAfter The lateness of an answer in ms from which its host is reported; none is if absent.
 * @returns The result of the job.
 */
export async function runLabTrial(
  { command, args }: Pick<Job, "command" | "args">,
  rules: Rule[],
  lateAfter?: number,
): Promise<LabRun> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/scenario.json`,
      JSON.stringify({ seed: 1, log: false, link: "ethernet", lateAfter, rules }),
    );
    const job: Job = { command, args, port: "lab", accept: false, isolated: false };
    const trial = [Deno.execPath(), "run", "--quiet", "--allow-all", TRIAL_PROCESS, JSON.stringify(job)];
    const lab = [LAB, folder, "sh", "-c", `${CONNECT} && exec "$@"`, "sh", ...trial];
    const [unshare, ...rest] = [...UNSHARE, "sh", "-c", `${MAKE} && exec "$@"`, "sh", ...lab];
    const { success, stdout } = await new Deno.Command(unshare, { args: rest, stderr: "inherit" }).output();
    if (!success) throw new Error(`Failed in the lab: ${command} ${args.join(" ")}`);
    const run: Run = JSON.parse(new TextDecoder().decode(stdout));
    return { ...run, late: JSON.parse(await Deno.readTextFile(`${folder}/late.json`)) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
