/** Text of a probe's module, in the format of a module file. */

import { snake } from "../../config/values/camel_keys.ts";
import type { ProbeModule } from "../../config/configuration.ts";
import { formatDuration } from "../../config/values/duration.ts";

/**
 * Formats a module.
 *
 * @param module The module.
 * @returns YAML, with the defaults of the options that the file leaves out.
 */
export function moduleText({ timeout, ...tcp }: ProbeModule): string {
  return [
    "prober: tcp",
    ...timeout === undefined ? [] : [`timeout: ${formatDuration(timeout)}`],
    "tcp:",
    ...Object.entries(tcp).map(([name, value]) => `  ${snake(name)}: ${value}`),
  ].join("\n");
}
