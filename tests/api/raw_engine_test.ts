/** The choice of the raw engine: with and without the privileges and kernel features that it needs. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CheckerOptions } from "../../mod.ts";
import type { Input, Output } from "../scripts/start_engine.ts";
import type { RefusedCall } from "../support/seccomp.ts";
import { namespaceTest, runInNamespace, WITHOUT_RAW } from "../support/namespace.ts";

namespaceTest(`engine: "auto" is raw with CAP_NET_RAW`, async () => {
  assertEquals(await start({ engine: "auto" }), "raw");
  assertEquals(await start({ engine: "raw" }), "raw");
});

namespaceTest(`engine: "auto" uses sockets without CAP_NET_RAW`, async () => {
  assertEquals(await start({ engine: "auto" }, WITHOUT_RAW), "socket");
});

namespaceTest(`engine: "raw" without CAP_NET_RAW rejects with an error that names the ways to grant it`, async () => {
  const message = await start({ engine: "raw" }, WITHOUT_RAW);
  for (const part of [`engine "raw"`, "CAP_NET_RAW", "setcap", "AmbientCapabilities", "--cap-add", "EPERM"]) {
    assertStringIncludes(message, part);
  }
});

namespaceTest(`engine: "auto" rejects for a source that is not an address of this host`, async () => {
  const message = await start({ engine: "auto", source: "203.0.113.1" });
  assertStringIncludes(message, "it is not an address of this host");
});

const [EPERM, ENOMEM, EACCES, ENOSYS, ENOPROTOOPT, EAFNOSUPPORT] = [1, 12, 13, 38, 92, 97];
/** `SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK` */
const SOCK_RAW = 0x80803;
const AF_NETLINK = 16;
const SO_ATTACH_FILTER = 26;
const SO_MEMINFO = 55;
/** The length of a netlink address, which apps of Android may not bind. */
const SOCKADDR_NL = 12;
/** The length of an IPv6 socket address, which no other bind() of the start has. */
const SOCKADDR_IN6 = 28;

/** System calls of the raw engine that a sandbox may refuse, and the name of each in the error. */
const REFUSED: [named: string, RefusedCall][] = [
  ["a raw socket", { call: "socket", argument: [1, SOCK_RAW], errno: EACCES }],
  ["SO_ATTACH_FILTER", { call: "setsockopt", argument: [2, SO_ATTACH_FILTER], errno: EPERM }],
  ["SO_MEMINFO", { call: "getsockopt", argument: [2, SO_MEMINFO], errno: ENOPROTOOPT }],
  ["sendmmsg", { call: "sendmmsg", errno: ENOSYS }],
  ["recvmmsg", { call: "recvmmsg", errno: EPERM }],
  ["AF_NETLINK", { call: "socket", argument: [0, AF_NETLINK], errno: EAFNOSUPPORT }],
  ["AF_NETLINK", { call: "socket", argument: [0, AF_NETLINK], errno: EPERM }],
  ["AF_NETLINK", { call: "socket", argument: [0, AF_NETLINK], errno: EACCES }],
  ["a netlink socket", { call: "bind", argument: [2, SOCKADDR_NL], errno: EACCES }],
  ["a source port", { call: "bind", argument: [2, SOCKADDR_IN6], errno: EACCES }],
  ["a source port", { call: "bind", argument: [2, SOCKADDR_IN6], errno: ENOMEM }],
];

for (const [named, refused] of REFUSED) {
  namespaceTest(`the raw engine does not start if the system refuses ${named} with ${refused.errno}`, async () => {
    assertEquals(await start({ engine: "auto" }, "", refused), "socket");
    const message = await start({ engine: "raw" }, "", refused);
    assertStringIncludes(message, `Cannot check with engine "raw": the system refuses`);
    assertStringIncludes(message, named);
  });
}

/** No memory for a filter, and too little for the largest. */
for (const bytes of [64, 6000]) {
  namespaceTest(`net.core.optmem_max=${bytes} is too small for the raw engine's filters`, async () => {
    const setup = `echo ${bytes} >/proc/sys/net/core/optmem_max`;
    assertEquals(await start({ engine: "auto" }, setup), "socket");
    assertStringIncludes(await start({ engine: "raw" }, setup), "raise net.core.optmem_max (ENOMEM)");
  });
}

namespaceTest("the raw engine does not start without a free local port", async () => {
  // Only reserved ports are free, which a socket gets only by an explicit port number.
  const setup = "echo 5000 5001 >/proc/sys/net/ipv4/ip_local_port_range\n" +
    "echo 5000-5001 >/proc/sys/net/ipv4/ip_local_reserved_ports";
  const message = await start({ engine: "raw" }, setup);
  assertStringIncludes(message, "no port is free in net.ipv4.ip_local_port_range: widen it (EADDRINUSE)");
});

function start(checker: CheckerOptions, setup?: string, refused?: RefusedCall): Promise<Output> {
  return runInNamespace<Output>("start_engine.ts", { checker, refused } satisfies Input, { setup });
}
