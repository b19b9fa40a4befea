/** Comparison of the kernel's counters with the tally. */

import type { Counters } from "../support/counters.ts";
import type { Probes, Tally } from "./tally.ts";

/** Probes by the kernel's counters. */
export interface Seen extends Probes {
  /** Completed handshakes with open ports. */
  noticed: number;
}

/**
 * Finds sums that are wrong.
 *
 * A probe of an open port is SYN, SYN-ACK and RST; of a closed port SYN and RST; of a silent address a SYN, which leaves by
 * the wire and is not received. All other segments are both sent and received in this namespace. A cancelled check has sent
 * all of its segments or none, because a started handshake always ends in a RST.
 *
 * So the numbers of probes, from counters that do not count segments, determine the numbers of segments. A single ACK or
 * retransmission is a wrong sum.
 *
 * If the process gets no CPU for 200 ms, the kernel may complete a handshake, whose check has the mode "full" or was
 * cancelled. That adds one ACK, and up to a FIN of the application and two ACKs, depending on which end closes first.
 *
 * @param counted The kernel's counters.
 * @param tally The checks made in that time.
 * @returns A line for each wrong sum.
 */
export function imbalance(counted: Counters, tally: Tally): string[] {
  const { sent, maybeSent } = tally;
  const { open, closed, silent, noticed } = seen(counted);
  const { "Tcp.InSegs": received = 0, "Tcp.OutSegs": left = 0 } = counted;
  const segments = 3 * open + 2 * closed + noticed;
  const wrong = [
    differs("Handshakes completed", noticed, tally.noticed, tally.noticed + maybeSent.open),
    differs("Segments received", received, segments, segments + 3 * noticed),
    differs("Segments sent", left, received + silent, received + silent),
    differs("SYNs acknowledged", open, sent.open, sent.open + maybeSent.open),
    differs("SYNs refused", closed, sent.closed, sent.closed + maybeSent.closed),
    differs("SYNs not answered", silent, sent.silent, sent.silent + maybeSent.silent),
  ];
  return wrong.filter((line) => line !== undefined);
}

/** Computes the probes from the kernel's counters: each begins with a SYN, and ends with a RST unless it was silent. */
export function seen(counted: Counters): Seen {
  const {
    "TcpExt.EmbryonicRsts": reset = 0,
    "Tcp.PassiveOpens": noticed = 0,
    "Tcp.OutRsts": resets = 0,
    "Tcp.ActiveOpens": opens = 0,
  } = counted;
  const open = reset + noticed;
  return { open, closed: resets - open, silent: opens - resets, noticed };
}

function differs(what: string, counted: number, least: number, most: number): string | undefined {
  if (least <= counted && counted <= most) return undefined;
  return `${what}: ${counted}, and there should be ${least === most ? least : `${least} to ${most}`}`;
}
