/** One probe: checks a target as blackbox_exporter's prober `tcp` does, but without a connection. */

import { type Checker, type CheckResult, type HostPort, parseTarget } from "@tcp-shaker/tcp-shaker";
import type { AddressSet } from "@tcp-shaker/tcp-shaker/address-set";
import { isIP } from "node:net";
import type { ProbeModule } from "../../config/configuration.ts";

/** The outcome of a probe. */
export interface ProbeOutcome {
  /** The result of the last check; absent if the target is malformed. */
  readonly result?: CheckResult;
  /** Time of all name lookups in ms. */
  readonly dnsTime: number;
  /** Time of the probe in ms. */
  readonly duration: number;
  /** Log of the probe, one line per step. */
  readonly log: readonly string[];
}

/** Parameters of a probe. */
export interface ProbeRequest {
  readonly target: string;
  readonly module: ProbeModule;
  /** In ms. */
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
  let dnsTime = 0;
  let result: CheckResult | undefined;
  const endpoint = parse(request.target, log);
  for (const family of endpoint === undefined ? [] : families(endpoint, request.module)) {
    const timeout = request.timeout - (performance.now() - start);
    if (timeout <= 0) break;
    log.push(`Checking ${request.target}${family === 0 ? "" : `, IPv${family}`}`);
    result = await checker.checkAddr(endpoint!, {
      timeout,
      family,
      resolve: "first",
      allow: ({ hostname }) => request.networks.has(hostname),
    });
    dnsTime += result.dnsTime;
    log.push(describe(result));
    if (result.status !== "unresolved") break;
  }
  return { result, dnsTime, duration: performance.now() - start, log };
}

function parse(target: string, log: string[]): HostPort | undefined {
  try {
    return parseTarget(target);
  } catch (error) {
    log.push((error as Error).message);
    return undefined;
  }
}

/** The families to try, in order; 0 is that of an address. */
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
