/** The page /probe: the response of blackbox_exporter for its prober `tcp`. */

import { AddressSet, parseNetwork } from "@tcp-shaker/tcp-shaker/address-set";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { HttpError } from "../http_error.ts";
import { CONTENT_TYPE } from "../metrics/exposition.ts";
import type { Reply } from "../reply.ts";
import type { RoutedRequest } from "../routed_request.ts";
import { probe } from "./probe.ts";
import { probeMetrics } from "./probe_metrics.ts";
import { probeTimeout } from "./probe_timeout.ts";

/** The module without the parameter `module`. It is blackbox_exporter's, which no prober of ours can do. */
const DEFAULT_MODULE = "http_2xx";

/** `GET /probe?target=&module=&debug=`. */
export async function probePage({ agent, message, url, checkers }: RoutedRequest): Promise<Reply> {
  const { probe: settings } = agent.configuration;
  if (settings === undefined) throw new HttpError(404, "Probes are off: set probe.allow in the configuration");
  const name = url.searchParams.get("module") || DEFAULT_MODULE;
  const { modules, allow } = settings;
  if (!Object.hasOwn(modules, name)) throw new HttpError(400, `Unknown module ${quote(name)}`);
  const module = modules[name];
  const timeout = probeTimeout(message.headers, module);
  const target = url.searchParams.get("target");
  if (!target) throw new HttpError(400, "Target parameter is missing");
  const checker = await checkers.get(module.sourceIpAddress);
  const networks = new AddressSet(allow.map((network) => parseNetwork(network)!));
  const outcome = await probe(checker, { target, module, timeout, networks });
  const metrics = probeMetrics(outcome, timeout);
  if (url.searchParams.get("debug") !== "true") return { type: CONTENT_TYPE, body: [metrics] };
  const parts = [
    `Logs for the probe:\n${outcome.log.join("\n")}\n`,
    `Metrics that would have been returned:\n${metrics}`,
    `Module configuration:\n${JSON.stringify(module, undefined, 2)}\n`,
  ];
  return { body: [parts.join("\n\n\n")] };
}
