/** The kernel's TCP counters of the current network namespace. */

/** Counters of `/proc/net/snmp`, line `Tcp` (RFC 1213, RFC 4022). */
export interface KernelCounters {
  /** SYNs sent, without retransmissions. */
  ActiveOpens: number;
  /** Connections accepted by a listener (`PassiveOpens`). */
  PassiveOpens: number;
  InSegs: number;
  OutSegs: number;
  /** RSTs sent. */
  OutRsts: number;
}

/** Reads the counters. */
export function kernelCounters(): KernelCounters {
  const [names, values] = Deno.readTextFileSync("/proc/self/net/snmp").split("\n")
    .filter((line) => line.startsWith("Tcp: "))
    .map((line) => line.split(" "));
  const read = (name: string) => Number(values[names.indexOf(name)]);
  return {
    ActiveOpens: read("ActiveOpens"),
    PassiveOpens: read("PassiveOpens"),
    InSegs: read("InSegs"),
    OutSegs: read("OutSegs"),
    OutRsts: read("OutRsts"),
  };
}

/** The difference from an earlier reading. */
export function countedSince(before: KernelCounters): KernelCounters {
  const now = kernelCounters();
  return {
    ActiveOpens: now.ActiveOpens - before.ActiveOpens,
    PassiveOpens: now.PassiveOpens - before.PassiveOpens,
    InSegs: now.InSegs - before.InSegs,
    OutSegs: now.OutSegs - before.OutSegs,
    OutRsts: now.OutRsts - before.OutRsts,
  };
}
