/** Schema of the section `probe`: the endpoint /probe, which is off without it. */

import * as v from "valibot";
import { isNetwork } from "../networks.ts";
import { list, text } from "./fields.ts";
import { section } from "./section.ts";

const NETWORK = 'a network such as "192.0.2.0/24"';

/** The schema. */
export const PROBE = section({
  /** Networks whose addresses may be probed, asked after the lookup. */
  allow: list(v.pipe(text(NETWORK), v.check(isNetwork, `must be ${NETWORK}`))),
  /** A module file of blackbox_exporter. */
  modules_file: v.optional(text("a path")),
});
