/** Sockets of this host that wait for a SYN-ACK. */

/** The state TCP_SYN_SENT in `/proc/net/tcp`. */
const SYN_SENT = "02";
/** Time limit of the wait, in ms. */
const TIME_LIMIT = 30_000;

/** Waits until a number of IPv4 sockets wait for a SYN-ACK of a port; throws after 30 s. */
export async function connecting(port: number, count: number): Promise<void> {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const isConnecting = (line: string) => {
    const [, , to = "", state] = line.trim().split(/\s+/);
    return to.endsWith(remote) && state === SYN_SENT;
  };
  const start = performance.now();
  while (Deno.readTextFileSync("/proc/net/tcp").split("\n").filter(isConnecting).length !== count) {
    if (performance.now() - start > TIME_LIMIT) throw new Error(`Not ${count} sockets wait for port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
