/** Schema of the section `serve`: the HTTP server. */

import * as v from "valibot";
import { list, listenAddress } from "./fields/fields.ts";
import { secretEntries } from "./fields/secret.ts";
import { section } from "./fields/section.ts";

const HOST = "must be a host name without a port";

export const SERVE = section({
  listen: v.optional(listenAddress()),
  hosts: v.optional(list(v.pipe(v.string(HOST), v.regex(/^[\w-]+(?:\.[\w-]+)*$/, HOST)))),
  ...secretEntries("read_token"),
  ...secretEntries("write_token"),
  tls: v.optional(v.pipe(
    section({ ...secretEntries("cert"), ...secretEntries("key") }),
    v.check(
      ({ cert, key }) => cert !== undefined && key !== undefined,
      "Missing key: TLS needs cert_file and key_file",
    ),
  )),
});
