/** Schema of the section `probe`, which enables the endpoint /probe. */

import { parseNetwork } from "@tcp-shaker/tcp-shaker/address-set";
import * as v from "valibot";
import { list, text } from "./fields/fields.ts";
import { section } from "./fields/section.ts";

const NETWORK = 'a network such as "192.0.2.0/24"';

export const PROBE = section({
  /** Networks whose addresses may be probed. */
  allow: list(v.pipe(text(NETWORK), v.check((text) => parseNetwork(text) !== undefined, `must be ${NETWORK}`))),
  /** A module file of blackbox_exporter. */
  modules_file: v.optional(text("a path")),
});
