/** The response to /probe, in the format of blackbox_exporter's prober `tcp`. */

import { AddressSet, parseNetwork } from "@tcp-shaker/tcp-shaker/address-set";
import { printable, quote } from "@tcp-shaker/tcp-shaker/quote";
import type { ProbeConfiguration, ProbeModule } from "../../config/configuration.ts";
import { Query } from "../api/query.ts";
import { HttpError } from "../http/http_error.ts";
import { CONTENT_TYPE } from "../metrics/exposition.ts";
import type { Reply } from "../http/reply.ts";
import type { RoutedRequest } from "../context/routed_request.ts";
import { moduleText } from "./module_text.ts";
import { probe } from "./probe.ts";
import { probeMetrics } from "./probe_metrics.ts";
import { probeTimeout } from "./probe_timeout.ts";

/** blackbox_exporter's default module, which is not supported, because it is for HTTP. */
const DEFAULT_MODULE = "http_2xx";

/** `GET /probe?target=&module=&debug=`. */
export async function probePage({ agent, message, url, checkers }: RoutedRequest): Promise<Reply> {
  const { probe: settings } = agent.configuration;
  if (settings === undefined) throw new HttpError(404, "Probes are off: set probe.allow in the configuration");
  const query = new Query(url);
  const [name, target, debug] = ["module", "target", "debug"].map((parameter) => query.text(parameter));
  // Read and ignored, because blackbox_exporter's prober `tcp` uses it only for TLS.
  query.text("hostname");
  query.end();
  const module = findModule(settings, name);
  const timeout = probeTimeout(message.headers, module);
  if (!target) throw new HttpError(400, "Target parameter is missing");
  const networks = new AddressSet(settings.allow.map((network) => parseNetwork(network)!));
  const checker = await checkers.get(module.sourceIpAddress).catch(({ message }: Error) => {
    throw new HttpError(500, `Cannot probe with this module: ${message}`);
  });
  const outcome = await probe(checker, { target, module, timeout, networks });
  const metrics = probeMetrics(outcome, timeout);
  if (debug !== "true") return { type: CONTENT_TYPE, body: [metrics] };
  const parts = [
    `Logs for the probe:\n${outcome.log.map(printable).join("\n")}\n`,
    `Metrics that would have been returned:\n${metrics}`,
    `Module configuration:\n${moduleText(module)}\n`,
  ];
  return { body: [parts.join("\n\n\n")] };
}

/** Finds a module. The messages begin like those of blackbox_exporter. */
function findModule({ modules }: ProbeConfiguration, name: string | undefined): ProbeModule {
  const wanted = name || DEFAULT_MODULE;
  if (Object.hasOwn(modules, wanted)) return modules[wanted];
  const hint = name
    ? ""
    : `, which is the default: add module=NAME, known are ${Object.keys(modules).join(", ") || "none"}`;
  throw new HttpError(400, `Unknown module ${quote(wanted)}${hint}`);
}
