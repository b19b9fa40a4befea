/**
 * Validation of the valid parts of a configuration that the schema rejects, so that all problems are reported at once.
 */

import * as v from "valibot";
import { checkOptions } from "./compose.ts";
import { isMapping } from "../is_mapping.ts";
import { checkRepeatedFiles } from "./repeated_files.ts";
import { MONITOR } from "./schema/monitor.ts";
import { FILE_SD_CONFIGS, TARGET_FILES } from "./schema/target_lists.ts";
import { GROUPS, TARGET } from "./schema/targets.ts";
import { TargetComposer } from "./target_composer.ts";
import type { MonitorTarget } from "../target.ts";
import type { PathProblem } from "./variables.ts";

/**
 * Adds the problems that {@linkcode checkOptions}, {@linkcode checkRepeatedFiles} and {@linkcode TargetComposer} find in
 * the valid parts of a configuration. If a target's options or defaults are invalid, only its address and id are
 * validated.
 *
 * @param value The configuration.
 * @param problems Where the problems are added.
 */
export function checkValidParts(value: unknown, problems: PathProblem[]): void {
  if (!isMapping(value)) return;
  const monitor = outputOf(MONITOR, value.monitor ?? {});
  const groups = outputOf(GROUPS, value.groups ?? {});
  if (monitor !== undefined) checkOptions(monitor, problems);
  checkRepeatedFiles({
    fileSdConfigs: outputOf(FILE_SD_CONFIGS, value.file_sd_configs ?? []),
    targetFiles: outputOf(TARGET_FILES, value.target_files ?? []),
  }, problems);
  if (!Array.isArray(value.targets)) return;
  const hasDefaults = monitor !== undefined && groups !== undefined;
  const composer = new TargetComposer(monitor ?? {}, groups ?? {}, problems);
  for (const [index, given] of value.targets.entries()) {
    const target = hasDefaults ? outputOf(TARGET, given) ?? identityOf(given) : identityOf(given);
    if (target !== undefined) composer.compose(target, index);
  }
}

function outputOf<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> | undefined {
  const { success, output } = v.safeParse(schema, value);
  return success ? output : undefined;
}

/** Returns a target without its options; `undefined` if its address or id is not a string. */
function identityOf(given: unknown): MonitorTarget | undefined {
  const { target, id } = isMapping(given) ? given : { target: given, id: undefined };
  if (typeof target !== "string" || target === "") return undefined;
  if (id === undefined) return target;
  return typeof id === "string" && id !== "" ? { target, id } : undefined;
}
