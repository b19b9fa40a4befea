/** Schema of the whole configuration. */

import * as v from "valibot";
import { DATABASE } from "./database.ts";
import { MONITOR } from "./monitor.ts";
import { PROBE } from "./probe.ts";
import { section } from "./fields/section.ts";
import { SERVE } from "./serve.ts";
import { SINKS } from "./sinks.ts";
import { FILE_SD_CONFIGS, HTTP_SD_CONFIGS, TARGET_FILES } from "./target_lists.ts";
import { GROUPS, TARGETS } from "./targets.ts";

export const ROOT = section({
  monitor: v.optional(MONITOR),
  groups: v.optional(GROUPS),
  targets: v.optional(TARGETS),
  file_sd_configs: v.optional(FILE_SD_CONFIGS),
  http_sd_configs: v.optional(HTTP_SD_CONFIGS),
  target_files: v.optional(TARGET_FILES),
  database: v.optional(DATABASE),
  probe: v.optional(PROBE),
  serve: v.optional(SERVE),
  sinks: v.optional(SINKS),
});
