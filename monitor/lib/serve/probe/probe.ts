/** One probe: checks a target like blackbox_exporter's prober `tcp`, but without a connection. */

import type { Checker, CheckResult, HostPort, ProbedAddress } from "@tcp-shaker/tcp-shaker";
import type { AddressSet } from "@tcp-shaker/tcp-shaker/address-set";
import { isIP } from "node:net";
import type { ProbeModule } from "../../config/configuration.ts";
import { parseProbeTarget } from "./probe_target.ts";

/** The lookup of a probe's host. */
export interface ProbeLookup {
  /** Time of all lookups in ms. */
  readonly time: number;
  /** The resolved address, or the given one. */
  readonly address?: ProbedAddress;
}

/** The outcome of a probe. */
export interface ProbeOutcome {
  /** The lookup; absent if the target has no host. */
  readonly lookup?: ProbeLookup;
  /** The result of the last check; absent if there was none. */
  readonly result?: CheckResult;
  /** Time of the probe in ms. */
  readonly duration: number;
  /** Log of the probe, one text per step, with unescaped names. */
  readonly log: readonly string[];
}

/** Parameters of a probe. */
export interface ProbeRequest {
  readonly target: string;
  readonly module: ProbeModule;
  /** Timeout in ms. The probe fails at once if it is not above 0. */
  readonly timeout: number;
  readonly networks: AddressSet;
}

/**
 * Probes a target.
 *
 * @param checker The checker.
 * @param request The parameters.
 * @returns The outcome.
 */
export async function probe(checker: Checker, request: ProbeRequest): Promise<ProbeOutcome> {
  const start = performance.now();
  const log: string[] = [];
  const { isSplit, endpoint, problem } = parseProbeTarget(request.target);
  if (problem !== undefined) log.push(problem);
  const order = endpoint === undefined ? [] : families(endpoint, request.module);
  let lookup: ProbeLookup | undefined = isSplit ? { time: 0, address: addressOf(endpoint, order) } : undefined;
  let result: CheckResult | undefined;
  for (const family of order) {
    const timeout = request.timeout - (performance.now() - start);
    if (!(timeout > 0)) break;
    log.push(`Checking ${request.target}${family === 0 ? "" : `, IPv${family}`}`);
    // Without a valid port no address is allowed: the host is looked up, and no SYN is sent.
    const allow = ({ hostname }: ProbedAddress) => problem === undefined && request.networks.has(hostname);
    const found = await checker.checkAddr(endpoint!, { timeout, family, resolve: "first", allow });
    // The family is compared, because an address of the other family may be denied first.
    const address = family === 0 || found.address?.family === family ? found.address : undefined;
    lookup = { time: lookup!.time + found.dnsTime, address };
    if (problem === undefined) result = found;
    log.push(describe(found));
    if (found.status !== "unresolved") break;
  }
  return { lookup, result, duration: performance.now() - start, log };
}

/** Returns the families to try, in order; 0 for a given address. */
function families({ hostname }: HostPort, module: ProbeModule): readonly (0 | 4 | 6)[] {
  const { preferredIpProtocol, ipProtocolFallback } = module;
  const [first, second] = preferredIpProtocol === "ip4" ? [4, 6] as const : [6, 4] as const;
  const own = isIP(hostname.split("%")[0]);
  if (own !== 0) return own === first || ipProtocolFallback ? [0] : [first];
  return ipProtocolFallback ? [first, second] : [first];
}

function describe(result: CheckResult): string {
  const address = result.address === undefined ? "" : `${result.address.hostname}: `;
  const detail = "code" in result ? ` ${result.code}` : result.status === "up" ? `, ${result.rtt} ms` : "";
  return `${address}${result.status}${detail}`;
}

/** Returns the address of a target with an address, if the module allows its family. */
function addressOf(endpoint: HostPort | undefined, [first]: readonly (0 | 4 | 6)[]): ProbedAddress | undefined {
  if (endpoint === undefined || first !== 0) return undefined;
  return { ...endpoint, family: endpoint.hostname.includes(":") ? 6 : 4 };
}
