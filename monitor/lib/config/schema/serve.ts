/** Schema of the section `serve`: the HTTP server. */

import * as v from "valibot";
import { list, text } from "./fields.ts";
import { secretEntries } from "./secret.ts";
import { section } from "./section.ts";

/** The schema. */
export const SERVE = section({
  listen: v.optional(text('an address such as "127.0.0.1:9116"')),
  hosts: v.optional(list(text("a host name"))),
  ...secretEntries("read_token"),
  ...secretEntries("write_token"),
  tls: v.optional(section({ ...secretEntries("cert"), ...secretEntries("key") })),
});
