/** A name server with configurable faults. */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import * as dns from "npm:@dnsquery/dns-packet@6.1.1";

/** Records and faults of one name; faults apply to both families unless `only` is set. */
export interface Entry {
  A?: string[];
  AAAA?: string[];
  /** The target of an alias (CNAME). */
  CNAME?: string;
  /** Answers with an error. */
  rcode?: keyof typeof RCODES;
  /** Delay of the answer in ms. */
  delay?: number;
  /** The fault of the answer. */
  fault?: Fault;
  /** The questions that `rcode`, `delay` and `fault` apply to. */
  only?: Type;
}

/** A zone: records by name in lower case; "*.example" stands for all names below "example". */
export type Zone = Record<string, Entry>;

/** A server. */
export interface NameServerOptions {
  /** Its address; the port is 53. */
  hostname: string;
  zone: Zone;
  /** Whether it serves TCP too, as a name server should. */
  tcp?: boolean;
}

type Type = "A" | "AAAA";
type Transport = "UDP" | "TCP";

/** RFC 1035, 4.1.1. */
const RCODES = { SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };

/** Maximum size of an answer over UDP (RFC 1035, 4.2.1), unless the resolver announces a larger one (EDNS). */
const UDP_LIMIT = 512;

/** Faults: changes of an answer before it is sent. */
const FAULTS = {
  silence: () => undefined,
  /** Answers when {@linkcode NameServer.release} is called. */
  held: encode,
  "wrong id": (answer: dns.Packet) => encode({ ...answer, id: answer.id! ^ 0xffff }),
  "wrong question": (answer: dns.Packet) =>
    encode({ ...answer, questions: answer.questions!.map((question) => ({ ...question, name: "other.test" })) }),
  "answer for another name": (answer: dns.Packet) =>
    encode({ ...answer, answers: answer.answers!.map((record) => ({ ...record, name: "other.test" })) }),
  "no question": (answer: dns.Packet) => encode({ ...answer, questions: [] }),
  "the query itself": (answer: dns.Packet) => encode({ ...answer, type: "query", answers: [] }),
  "one byte": (answer: dns.Packet) => encode(answer).subarray(0, 1),
  "header only": (answer: dns.Packet) => encode(answer).subarray(0, 12),
  "cut short": (answer: dns.Packet) => encode(answer).subarray(0, -3),
  /** All bytes after the question are 0xff: pointers and lengths beyond the end. */
  garbage: (answer: dns.Packet) => {
    const bytes = encode(answer);
    return bytes.fill(0xff, encode({ ...answer, answers: [] }).length);
  },
  truncated: (answer: dns.Packet, transport: Transport) => transport === "TCP" ? encode(answer) : truncate(answer),
} satisfies Record<string, (answer: dns.Packet, transport: Transport) => Uint8Array | undefined>;

/** The kind of a fault. */
export type Fault = keyof typeof FAULTS;

/** A running server. */
export class NameServer implements Disposable {
  /** Counts of queries: `queries["name.test A"]`; over TCP, `queries["name.test A TCP"]`. */
  readonly queries: Record<string, number>;
  readonly #zone: Zone;
  readonly #udp: Socket = createSocket("udp4");
  readonly #tcp: Deno.TcpListener | undefined;
  #release = Promise.withResolvers<void>();
  #onQuery = Promise.withResolvers<void>();
  #closed = false;

  private constructor({ hostname, zone, tcp = true }: NameServerOptions, queries: Record<string, number>) {
    this.queries = queries;
    this.#zone = zone;
    if (tcp) this.#tcp = Deno.listen({ hostname, port: 53 });
  }

  /** Starts a server, which adds to the given counts of queries. */
  static async open(options: NameServerOptions, queries: Record<string, number> = {}): Promise<NameServer> {
    const server = new NameServer(options, queries);
    server.#udp.on("message", (query, from) => server.#onMessage(query, from));
    server.#udp.bind(53, options.hostname);
    await once(server.#udp, "listening");
    server.#acceptAll();
    return server;
  }

  /** Waits until the total of queries reaches a number. */
  async asked(count: number): Promise<void> {
    while (countQueries(this.queries) < count) await this.#onQuery.promise;
  }

  /** Sends the held answers, and stops holding answers. */
  release(): void {
    this.#release.resolve();
  }

  /** Holds answers again. */
  hold(): void {
    this.#release = Promise.withResolvers();
  }

  /** Stops the server. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#udp.close();
    this.#tcp?.close();
  }

  async #onMessage(query: Uint8Array, { address, port }: RemoteInfo): Promise<void> {
    const answer = await this.#answer(query, "UDP");
    if (answer !== undefined && !this.#closed) this.#udp.send(answer, port, address);
  }

  async #acceptAll(): Promise<void> {
    try {
      for await (const connection of this.#tcp ?? []) this.#serve(connection);
    } catch (error) {
      if (!this.#closed) throw error;
    }
  }

  /** Serves a TCP connection, on which each message follows its length (RFC 1035, 4.2.2). */
  async #serve(connection: Deno.TcpConn): Promise<void> {
    const { readable, writable } = connection;
    const reader = readable.getReader({ mode: "byob" });
    const writer = writable.getWriter();
    const read = async (length: number) => {
      const { value } = await reader.read(new Uint8Array(length), { min: length });
      return value?.length === length ? value : undefined;
    };
    for (let length; (length = await read(2)) !== undefined;) {
      const query = await read(length[0] << 8 | length[1]);
      const answer = query && await this.#answer(query, "TCP");
      if (answer === undefined) break;
      await writer.write(new Uint8Array([answer.length >> 8, answer.length & 0xff, ...answer]));
    }
    await writer.close();
  }

  async #answer(message: Uint8Array, transport: Transport): Promise<Uint8Array | undefined> {
    const query = dns.decode(message);
    const [question] = query.questions!;
    this.#count(`${question.name} ${question.type}${transport === "TCP" ? " TCP" : ""}`);
    const entry = this.#find(question.name);
    const { rcode, delay = 0, fault, only = question.type } = entry ?? { rcode: "NXDOMAIN" };
    const affected = only === question.type;
    // The timer must not keep the process alive.
    if (affected && delay > 0) await setTimeout(delay, undefined, { ref: false });
    if (affected && fault === "held") await this.#release.promise;
    const answer: dns.Packet = {
      id: query.id,
      type: "response",
      flags: query.flags! | dns.AUTHORITATIVE_ANSWER | (affected && rcode !== undefined ? RCODES[rcode] : 0),
      questions: [question],
      answers: this.#records(question.name, question.type as Type),
    };
    if (affected && fault !== undefined) return FAULTS[fault](answer, transport);
    const bytes = encode(answer);
    return transport === "UDP" && bytes.length > UDP_LIMIT ? truncate(answer) : bytes;
  }

  /** The records of a name, including its chain of aliases; a loop is followed once. */
  #records(name: string, type: Type): dns.Answer[] {
    const records: dns.Answer[] = [];
    for (const seen = new Set<string>(); !seen.has(name);) {
      seen.add(name);
      const { CNAME, [type]: addresses = [] } = this.#find(name) ?? {};
      records.push(...addresses.map((data) => ({ type, name, data, ttl: 0 })));
      if (CNAME === undefined) break;
      records.push({ type: "CNAME", name, data: CNAME, ttl: 0 });
      name = CNAME;
    }
    return records;
  }

  #find(name: string): Entry | undefined {
    name = name.toLowerCase();
    return this.#zone[name] ?? this.#zone[name.replace(/^[^.]*/, "*")];
  }

  #count(question: string): void {
    this.queries[question] = (this.queries[question] ?? 0) + 1;
    this.#onQuery.resolve();
    this.#onQuery = Promise.withResolvers();
  }
}

/** Adds up queries, all of them or those that a pattern matches. */
export function countQueries(queries: Record<string, number>, pattern = /^/): number {
  return Object.entries(queries).reduce((sum, [question, times]) => pattern.test(question) ? sum + times : sum, 0);
}

function encode(packet: dns.Packet): Uint8Array {
  return dns.encode(packet);
}

function truncate(answer: dns.Packet): Uint8Array {
  return encode({ ...answer, flags: answer.flags! | dns.TRUNCATED_RESPONSE, answers: [] });
}
