/** Sockets of Multipath TCP through libc, because Deno has none. */

/** The libc functions that the tests use. `accept` blocks on a thread of Deno's pool. */
const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  accept: { parameters: ["i32", "buffer", "buffer"], result: "i32", nonblocking: true },
  close: { parameters: ["i32"], result: "i32" },
} as const;

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
/** `linux/in.h` */
const IPPROTO_MPTCP = 262;
const SIZEOF_SOCKADDR = 28;
/** The backlog, with room for all concurrent checks, because a full one drops SYNs. */
const BACKLOG = 4096;

/** Whether this kernel has Multipath TCP, and it is enabled. */
export function hasMptcp(): boolean {
  try {
    return Deno.readTextFileSync("/proc/sys/net/mptcp/enabled").trim() === "1";
  } catch {
    return false;
  }
}

/** A port whose application accepts Multipath TCP. */
export class MptcpPort implements Disposable {
  readonly #libc = Deno.dlopen("libc.so.6", SYMBOLS);
  readonly #family: number;
  readonly #address: Uint8Array<ArrayBuffer>;
  readonly #listener: number;

  constructor(hostname: string, port: number) {
    this.#family = hostname.includes(":") ? AF_INET6 : AF_INET;
    this.#address = sockaddr(this.#family, port);
    this.#listener = this.#socket();
    this.#must(this.#libc.symbols.bind(this.#listener, this.#address, SIZEOF_SOCKADDR), "bind");
    this.#must(this.#libc.symbols.listen(this.#listener, BACKLOG), "listen");
  }

  /**
   * Returns the number of accepted connections. Makes a full connection by Multipath TCP over loopback, and accepts
   * connections until this one.
   */
  async countAccepted(): Promise<number> {
    const { connect, getsockname, accept, close } = this.#libc.symbols;
    const last = this.#socket();
    this.#must(connect(last, this.#address, SIZEOF_SOCKADDR), "connect");
    const own = new Uint8Array(SIZEOF_SOCKADDR);
    this.#must(getsockname(last, own, length()), "getsockname");
    for (let others = 0;; others++) {
      const peer = new Uint8Array(SIZEOF_SOCKADDR);
      const connection = await accept(this.#listener, peer, length());
      if (connection >= 0) close(connection);
      if (portOf(peer) !== portOf(own)) continue;
      close(last);
      return others;
    }
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.#listener);
    this.#libc.close();
  }

  #socket(): number {
    return this.#must(this.#libc.symbols.socket(this.#family, SOCK_STREAM, IPPROTO_MPTCP), "socket");
  }

  #must(result: number, call: string): number {
    if (result < 0) throw new Error(`${call}() of Multipath TCP failed`);
    return result;
  }
}

/** The unspecified address: all addresses for bind(), loopback for connect(). */
function sockaddr(family: number, port: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIZEOF_SOCKADDR);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, port);
  return bytes;
}

function portOf(address: Uint8Array<ArrayBuffer>): number {
  return new DataView(address.buffer).getUint16(2);
}

function length(): Uint32Array<ArrayBuffer> {
  return Uint32Array.of(SIZEOF_SOCKADDR);
}
