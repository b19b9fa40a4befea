/** Packets on the wire, counted by nft in the server's namespace, independently of the code under test. */

/** Packets by name of the counter, without zero counters. */
export type Wire = Record<string, number>;

/**
 * The counting rules: incoming packets before all other rules, outgoing packets after them.
 *
 * "ack" counts bare ACKs, which would make accept() return.
 */
export const COUNTING = `
  nft -f - <<'RULES'
  table inet wire {
    counter client_syn { }
    counter client_rst { }
    counter client_ack { }
    counter client_other { }
    counter server_syn_ack { }
    counter server_rst { }
    counter server_other { }
    chain arriving {
      type filter hook prerouting priority raw
      iifname != "veth1" return
      tcp flags & (fin|syn|rst|ack) == syn counter name client_syn return
      tcp flags & rst == rst counter name client_rst return
      tcp flags & (fin|syn|rst|ack) == ack counter name client_ack return
      meta l4proto tcp counter name client_other
    }
    chain leaving {
      type filter hook postrouting priority 300
      oifname != "veth1" return
      tcp flags & (fin|syn|rst|ack) == (syn|ack) counter name server_syn_ack return
      tcp flags & rst == rst counter name server_rst return
      meta l4proto tcp counter name server_other
    }
  }
RULES
`;

/** The command whose output {@linkcode parseCounters} parses. It lists the counters of all tables. */
export const LIST_COUNTERS = "nft --json list counters";

/** Parses nft's list of counters. */
export function parseCounters(json: string): Wire {
  const { nftables } = JSON.parse(json) as { nftables: { counter?: { name: string; packets: number } }[] };
  const counters = nftables.flatMap(({ counter }) => counter === undefined ? [] : [counter]);
  return Object.fromEntries(counters.filter(({ packets }) => packets > 0).map(({ name, packets }) => [name, packets]));
}

/** The expected counts of checks of an open port: three segments each, and no ACK. */
export function halfHandshakes(checks: number): Wire {
  return { client_syn: checks, server_syn_ack: checks, client_rst: checks };
}
