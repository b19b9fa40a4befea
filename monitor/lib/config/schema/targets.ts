/** Schema of the sections `targets` and `groups`. */

import * as v from "valibot";
import { labels, text } from "./fields/fields.ts";
import { section } from "./fields/section.ts";
import { TARGET_OPTIONS } from "./target_options.ts";

const target = section({
  target: text('"host:port"'),
  id: v.optional(text()),
  group: v.optional(text()),
  labels: v.optional(labels()),
  ...TARGET_OPTIONS,
});

/** The schema of a target. */
export const TARGET = v.union([text('"host:port"'), target], 'must be "host:port" or a mapping');

/** The schema of a list of targets. */
export const TARGETS = v.array(TARGET, "must be a list of targets");

/** The schema of groups by name: default options and labels of their targets. */
export const GROUPS = v.record(
  text(),
  section({ labels: v.optional(labels()), ...TARGET_OPTIONS }),
  "must be a mapping of groups",
);
