/** Modules of the endpoint `/probe`, from a module file of blackbox_exporter. */

import * as v from "valibot";
import type { ProbeModule } from "./configuration.ts";
import { problemsOf } from "./issues.ts";
import { located } from "./located.ts";
import { ConfigurationError } from "./problem.ts";
import { PROBE_MODULES } from "./schema/probe_modules.ts";
import { parseYaml } from "./yaml.ts";
import { YamlPositions } from "./yaml_positions.ts";

/** The module of probes without the parameter `module`, and the only module without a file. */
export const DEFAULT_MODULE: ProbeModule = { preferredIpProtocol: "ip6", ipProtocolFallback: true };

/**
 * Parses a module file.
 *
 * @param text The YAML text.
 * @param file The file's name, for problems.
 * @returns The modules with the prober `tcp`, by name. Modules of other probers are left out.
 * @throws {ConfigurationError} If the file is invalid, or a module needs a complete handshake: `tls`, `query_response`.
 */
export function parseProbeModules(text: string, file: string): Record<string, ProbeModule> {
  const document = parseModuleFile(text, file);
  const { success, output, issues } = v.safeParse(PROBE_MODULES, document.value ?? {}, { abortPipeEarly: true });
  if (!success) {
    const problems = issues.flatMap((issue) => problemsOf(issue, document.value));
    const places = new YamlPositions(document).places(problems.map(({ path }) => path));
    throw new ConfigurationError(located(problems, places, file));
  }
  const modules = Object.entries(output.modules).flatMap(([name, module]) =>
    module.prober === "tcp" ? [[name, moduleOf(module)] as const] : []
  );
  return Object.fromEntries(modules);
}

function parseModuleFile(text: string, file: string) {
  try {
    return parseYaml(text);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new ConfigurationError(error.problems.map((problem) => ({ ...problem, file })));
  }
}

type TcpModule = Extract<v.InferOutput<typeof PROBE_MODULES>["modules"][string], { prober: "tcp" }>;

function moduleOf({ timeout, tcp = {} }: TcpModule): ProbeModule {
  const { preferredIpProtocol, ipProtocolFallback, sourceIpAddress } = { ...DEFAULT_MODULE, ...tcp };
  return {
    preferredIpProtocol,
    ipProtocolFallback,
    ...timeout !== undefined && { timeout },
    ...sourceIpAddress !== undefined && { sourceIpAddress },
  };
}
