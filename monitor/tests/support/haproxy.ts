/** HAProxy's configuration for health checks, and its log of them. */

/** A server that HAProxy checks. */
export interface Server {
  /** An address and a port. */
  address: string;
  rise: number;
  fall: number;
}

/** HAProxy's interval of checks, and its timeout, in ms. */
export const INTERVAL = 400;

/** A configuration that checks servers, named by their index, and logs each change of health to standard output. */
export function configuration(servers: readonly Server[]): string {
  const lines = servers.map(({ address, rise, fall }, i) => {
    return `  server ${i} ${address} check inter ${INTERVAL}ms rise ${rise} fall ${fall}`;
  });
  return `global
  log stdout format raw local0
  nbthread 1
defaults
  mode tcp
  log global
  option log-health-checks
  timeout connect ${INTERVAL}ms
  timeout client 1s
  timeout server 1s
# It starts with nothing less.
frontend unused
  bind 127.0.0.1:1
backend checked
${lines.join("\n")}
`;
}

/** Entry of HAProxy's log about a server. */
export interface Entry {
  server: number;
  /** "L4CON 2/3 UP", or "is DOWN". */
  text: string;
}

/** Names of layer 4 results in HAProxy's log. */
const REASONS: Readonly<Record<string, string>> = {
  "Layer4 check passed": "L4OK",
  "Layer4 connection problem": "L4CON",
  "Layer4 timeout": "L4TOUT",
};

/** Reads a line of HAProxy's log; `undefined` if it is not about a server. */
export function readEntry(line: string): Entry | undefined {
  const check = /^Health check for server checked\/(\d+) \w+, reason: ([^,]+),.* status: (\S+ \w+)\.$/.exec(line);
  if (check !== null) return { server: Number(check[1]), text: `${REASONS[check[2]] ?? check[2]} ${check[3]}` };
  const match = /^Server checked\/(\d+) (is \w+)[.,]/.exec(line);
  return match === null ? undefined : { server: Number(match[1]), text: match[2] };
}
