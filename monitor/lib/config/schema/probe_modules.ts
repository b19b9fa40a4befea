/** Schema of a module file of blackbox_exporter. Modules of other probers are not validated. */

import { isIP } from "node:net";
import * as v from "valibot";
import { choice, duration, flag, text, variantOf } from "./fields/fields.ts";
import { section } from "./fields/section.ts";

const ADDRESS = "an IP address";
const UNSUPPORTED = "Not supported, because probes don't complete the handshake: remove it, or the module";

const TCP = section({
  preferred_ip_protocol: v.optional(choice(["ip4", "ip6"])),
  ip_protocol_fallback: v.optional(flag()),
  source_ip_address: v.optional(v.pipe(text(ADDRESS), v.check((text) => isIP(text) !== 0, `must be ${ADDRESS}`))),
  query_response: v.optional(v.pipe(v.array(v.unknown(), "must be a list"), v.maxLength(0, UNSUPPORTED))),
  tls: v.optional(v.literal(false, UNSUPPORTED)),
  tls_config: v.optional(v.unknown()),
});

const TCP_MODULE = section({ prober: v.literal("tcp"), timeout: v.optional(duration()), tcp: v.optional(TCP) });

const OTHER_MODULE = v.looseObject({ prober: choice(["http", "icmp", "dns", "grpc", "unix"]) });

export const PROBE_MODULES = section({
  modules: v.record(
    v.string(),
    variantOf("prober", [TCP_MODULE, OTHER_MODULE]),
    "must be a mapping",
  ),
});
