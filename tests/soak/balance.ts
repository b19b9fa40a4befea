/** The kernel's counters against the books. */

import type { Counters } from "../support/counters.ts";
import type { Probes, Tally } from "./tally.ts";

/** What the kernel saw, probe by probe. */
export interface Seen extends Probes {
  /** Handshakes that were completed, of those with open ports. */
  noticed: number;
}

/**
 * What is not as it must be.
 *
 * A probe of an open port is SYN, SYN-ACK and RST; of a closed one SYN and RST; of a silent address a SYN, which
 * leaves by the wire and comes in nowhere. All else both leaves and comes in here. A check that was cancelled has sent
 * all of that, or nothing: a handshake that was begun ends in a RST, whoever closes its socket, and whenever.
 *
 * So the numbers of probes follow from counters of which none is a number of segments, and the numbers of segments
 * must follow from those. One lone ACK, or a segment sent twice, and they don't.
 *
 * A process without CPU for 200 ms may have a handshake completed. Its results say so, or it was cancelled. It takes
 * an ACK more, and the FIN of the application and two ACKs at most, according to who is the first to close.
 *
 * @param counted What the kernel counted.
 * @param tally What was done meanwhile.
 * @returns A line for each of the sums that are wrong.
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

/** The probes, as the kernel saw them: each begins with a SYN, and ends with a RST unless it was silent. */
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
