/** The kernel's counters against the books. */

import type { Counters } from "../support/counters.ts";
import type { Probes, Tally } from "./tally.ts";

/**
 * What is not as it must be.
 *
 * A probe of an application is SYN, SYN-ACK and RST; of a closed port SYN and RST; of a silent address a SYN, which
 * leaves by the wire and comes in nowhere. All else both sends and receives in this namespace. Each cancelled check has
 * sent all of that or nothing: a handshake that was begun ends in a RST, whoever closes its socket, and whenever.
 *
 * So the numbers of probes follow from counters of which none is a number of segments, and the numbers of segments
 * must follow from those. One lone ACK, or a segment sent twice, and they don't.
 *
 * @param counted What the kernel counted.
 * @param tally What was done meanwhile.
 * @returns A line for each of the sums that are wrong.
 */
export function imbalance(counted: Counters, { sent, maybeSent }: Tally): string[] {
  const { open, closed, silent } = probes(counted);
  const received = 3 * open + 2 * closed;
  const counter = (name: string) => counted[`Tcp.${name}`] ?? 0;
  const wrong = [
    differs("Connections that could be accepted, PassiveOpens", counter("PassiveOpens"), 0, 0),
    differs("Segments received, InSegs", counter("InSegs"), received, received),
    differs("Segments sent, OutSegs", counter("OutSegs"), received + silent, received + silent),
    differs("Handshakes reset by us, EmbryonicRsts", open, sent.open, sent.open + maybeSent.open),
    differs("SYNs refused", closed, sent.closed, sent.closed + maybeSent.closed),
    differs("SYNs not answered", silent, sent.silent, sent.silent + maybeSent.silent),
  ];
  return wrong.filter((line) => line !== undefined);
}

/** The probes, as the kernel saw them: each begins with a SYN, and ends with a RST unless it was silent. */
export function probes(counted: Counters): Probes {
  const {
    "TcpExt.EmbryonicRsts": open = 0,
    "Tcp.OutRsts": resets = 0,
    "Tcp.ActiveOpens": opens = 0,
  } = counted;
  return { open, closed: resets - open, silent: opens - resets };
}

function differs(what: string, counted: number, least: number, most: number): string | undefined {
  if (least <= counted && counted <= most) return undefined;
  return `${what}: ${counted}, and it should be ${least === most ? least : `${least} to ${most}`}`;
}
