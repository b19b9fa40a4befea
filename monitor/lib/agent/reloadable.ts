/** Rejection of configuration changes that need a restart. */

import { snake } from "../config/values/camel_keys.ts";
import type { Configuration } from "../config/configuration.ts";
import { OPTION_NAMES } from "../target.ts";
import { ConfigurationError, type ConfigurationProblem } from "../config/problem.ts";

/**
 * Rejects changes that need a restart.
 *
 * @param before The configuration in force.
 * @param after The new one.
 * @throws {ConfigurationError} If a change needs a restart. The error lists all such changes.
 */
export function assertReloadable(before: Configuration, after: Configuration): void {
  const problems: ConfigurationProblem[] = [];
  const [old, fresh] = [before.monitor, after.monitor] as Record<string, unknown>[];
  for (const option of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    // Defaults of targets can change.
    if (OPTION_NAMES.some((name) => name === option)) continue;
    if (JSON.stringify(old[option]) !== JSON.stringify(fresh[option])) {
      problems.push(restart(`monitor.${snake(option)}`));
    }
  }
  if (JSON.stringify(before.database) !== JSON.stringify(after.database)) problems.push(restart("database"));
  if (before.serve.listen !== after.serve.listen) problems.push(restart("serve.listen"));
  // A running server can't switch between HTTP and HTTPS.
  if ((before.serve.tls === undefined) !== (after.serve.tls === undefined)) problems.push(restart("serve.tls"));
  if (problems.length > 0) throw new ConfigurationError(problems);
}

function restart(option: string): ConfigurationProblem {
  return { message: `${option} can't change while the process runs: restart the process` };
}
