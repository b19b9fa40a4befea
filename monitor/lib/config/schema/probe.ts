/** Schema of the section `probe`: the endpoint /probe, which is off without it. */

import * as v from "valibot";
import { list, text } from "./fields.ts";
import { section } from "./section.ts";

/** The schema. */
export const PROBE = section({
  /** Networks whose addresses may be probed, asked after the lookup. */
  allow: list(text('a network such as "192.0.2.0/24"')),
  /** A module file of blackbox_exporter. */
  modules_file: v.optional(text("a path")),
});
