/** Schema of the section `sinks`: a list of mappings, each of which has a `type`. A file of `sinks/` is a type. */

import * as v from "valibot";
import { EXEC } from "./sinks/exec.ts";

/** The schema. */
export const SINKS = v.array(
  v.variant("type", [EXEC], (issue) => `must be a mapping with a type: ${issue.expected.replaceAll(/[()]/g, "")}`),
  "must be a list of sinks",
);
