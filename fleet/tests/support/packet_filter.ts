/** Packet filter (nft) of the network namespace in which a test runs. */

/** Filter of the packets of a network. */
export class CutNetwork {
  readonly #network: string;

  private constructor(network: string) {
    this.#network = network;
  }

  /** Prepares a filter for an address or network such as `"127.201.0.0/16"`. Nothing is dropped yet. */
  static async make(network: string): Promise<CutNetwork> {
    await nft("add", "table", "ip", "cut");
    await nft("add", "chain", "ip", "cut", "out", "{ type filter hook output priority 0; }");
    return new CutNetwork(network);
  }

  /** Drops all packets from now on. */
  async cut(): Promise<void> {
    for (const end of ["daddr", "saddr"]) {
      await nft("add", "rule", "ip", "cut", "out", "ip", end, this.#network, "drop");
    }
  }

  /** Lets packets through again. */
  async heal(): Promise<void> {
    await nft("flush", "table", "ip", "cut");
  }
}

async function nft(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("nft", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
