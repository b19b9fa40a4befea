/** Schemas of the target lists: files and URLs in Prometheus' format, and files with one target per line. */

import * as v from "valibot";
import { duration, filledList, labels, list, text } from "./fields/fields.ts";
import { secretEntries } from "./fields/secret.ts";
import { section } from "./fields/section.ts";

/** Keys of all lists: default group and labels of their targets. */
const COMMON = { group: v.optional(text()), labels: v.optional(labels()) };

/** A path whose last component may contain one `*`. */
const pattern = v.pipe(
  text("a path"),
  v.regex(/^[^*]*(?:\*[^/*]*)?$/, "must have at most one *, in its last component"),
);

/** The schema of `file_sd_configs`. */
export const FILE_SD_CONFIGS = list(section({
  files: filledList(v.pipe(pattern, v.regex(/\.(?:json|ya?ml)$/, "must end in .json, .yml or .yaml"))),
  refresh_interval: v.optional(duration("100ms")),
  ...COMMON,
}));

/** The schema of `http_sd_configs`. The URL is a secret, because it may contain a password. */
export const HTTP_SD_CONFIGS = list(v.pipe(
  section({ ...secretEntries("url"), refresh_interval: v.optional(duration("100ms")), ...COMMON }),
  v.check(({ url }) => url !== undefined, "Missing key url, or url_file"),
));

/** The schema of `target_files`. */
export const TARGET_FILES = list(section({
  files: filledList(pattern),
  refresh_interval: v.optional(duration("100ms")),
  ...COMMON,
}));
