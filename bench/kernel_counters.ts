/** The kernel's own count of what went over the wire, in the network namespace that we are in. */

/** What of `/proc/net/snmp`, line `Tcp` (RFC 1213, RFC 4022), is of use here. */
export interface KernelCounters {
  /** SYNs sent, not counting those sent again. */
  ActiveOpens: number;
  /** Connections that a listener could accept. */
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

/** What was counted since an earlier reading. */
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
