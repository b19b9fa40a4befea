/** Module files of blackbox_exporter. */

import { assertEquals, assertRejects } from "@std/assert";
import { ConfigurationError, parseConfiguration, problemLine } from "../../lib/config/mod.ts";

/** The `/probe` section with a module file of this text. */
async function modules(text?: string) {
  const file = text === undefined ? "" : ", modules_file: blackbox.yml";
  const readFile = () => Promise.resolve(text!);
  return (await parseConfiguration(`probe: { allow: [192.0.2.0/24]${file} }`, { readFile })).probe?.modules;
}

/** The file of Debian's package, with tcp modules of blackbox_exporter's documentation. */
const FILE = `
modules:
  http_2xx:
    prober: http
    http:
      preferred_ip_protocol: "ip4"
  tcp_connect:
    prober: tcp
  tcp_connect_example:
    prober: tcp
    timeout: 5s
    tcp:
      preferred_ip_protocol: ip4
      ip_protocol_fallback: false
      source_ip_address: 192.0.2.1
  icmp:
    prober: icmp
    timeout: 5s
`;

Deno.test("without a module file the only module is tcp_connect, with the defaults of blackbox_exporter", async () => {
  assertEquals(await modules(), { tcp_connect: { preferredIpProtocol: "ip6", ipProtocolFallback: true } });
});

Deno.test("parseProbeModules() returns the modules with the prober tcp", async () => {
  assertEquals(await modules(FILE), {
    tcp_connect: { preferredIpProtocol: "ip6", ipProtocolFallback: true },
    tcp_connect_example: {
      timeout: 5000,
      preferredIpProtocol: "ip4",
      ipProtocolFallback: false,
      sourceIpAddress: "192.0.2.1",
    },
  });
});

Deno.test("modules that need a connection are rejected by name and line", async () => {
  const text = `modules:
  ssh_banner:
    prober: tcp
    tcp:
      query_response:
        - expect: "^SSH-2.0-"
  tls_connect:
    prober: tcp
    tcp: { tls: true }
  other: { prober: smtp }
  typo: { prober: tcp, timeot: 1s }
`;
  const error = await assertRejects(() => modules(text), ConfigurationError);
  const why = "Not supported, because probes don't complete the handshake: remove it, or the module";
  assertEquals(error.problems.map((problem) => problemLine(problem, "a.yml")), [
    `blackbox.yml:5:7: modules.ssh_banner.tcp.query_response: ${why}`,
    `blackbox.yml:9:12: modules.tls_connect.tcp.tls: ${why}`,
    `blackbox.yml:10:12: modules.other.prober: must be one of tcp, http, icmp, dns, grpc, unix, it is "smtp"`,
    `blackbox.yml:11:24: modules.typo: Unknown key "timeot": did you mean "timeout"?`,
  ]);
});
