/** Runs a program that ends while a name of its is being looked up. */

import { NameServer, type NameServerOptions } from "../support/name_server.ts";
import { run } from "../support/program.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** It says nothing. */
  server: NameServerOptions;
  /** The program. */
  program: string;
}

export interface Output {
  /** How the program ended, and what it printed. */
  code: number;
  stdout: string;
  /** How often the server had been asked what by then. */
  queries: Record<string, number>;
}

const { server: options, program } = readInput<Input>();
using server = await NameServer.open(options);
const { code, stdout } = await run(program);
writeOutput({ code, stdout, queries: server.queries } satisfies Output);
