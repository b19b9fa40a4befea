/** The kernel's TCP counters of this network namespace. */

/** Counters by name, such as "Tcp.OutRsts". */
export type Counters = Record<string, number>;

/** Reads all counters of TCP, for IPv4 and IPv6 together as the kernel counts them. */
export function readCounters(): Counters {
  const counters: Counters = {};
  for (const file of ["/proc/net/snmp", "/proc/net/netstat"]) {
    const lines = Deno.readTextFileSync(file).trim().split("\n");
    // A line of names, a line of values: "Tcp: RtoAlgorithm RtoMin ...", "Tcp: 1 200 ...".
    for (let i = 0; i < lines.length; i += 2) {
      const [group, ...names] = lines[i].split(/:? /);
      const [, ...values] = lines[i + 1].split(/:? /);
      if (group !== "Tcp" && group !== "TcpExt") continue;
      names.forEach((name, j) => counters[`${group}.${name}`] = Number(values[j]));
    }
  }
  return counters;
}

/** The differences of counters, without zeroes. */
export function difference(before: Counters, after: Counters): Counters {
  const changes = Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}
