/** Runs a program that ends during a lookup. */

import { NameServer, type NameServerOptions } from "../support/name_server.ts";
import { run } from "../support/program.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** The silent name server. */
  server: NameServerOptions;
  /** The program. */
  program: string;
}

export interface Output {
  /** The exit and the output of the program. */
  code: number;
  stdout: string;
  /** Counts of the server's queries by then. */
  queries: Record<string, number>;
}

const { server: options, program } = readInput<Input>();
using server = await NameServer.open(options);
const { code, stdout } = await run(program);
writeOutput({ code, stdout, queries: server.queries } satisfies Output);
