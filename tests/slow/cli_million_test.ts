import { assertEquals } from "@std/assert";
import { closedPort } from "../support/listener.ts";
import { commandWith } from "../support/command.ts";
import { proves } from "../support/evidence.ts";

const MILLION = 1_000_000;
/** The limit of JavaScript's heap, in MB. The texts of a million targets alone would exceed it. */
const HEAP = 40;

Deno.test("tcp-checker checks a million targets from stdin, in their order, with flat memory", async (t) => {
  const port = closedPort().split(":")[1];
  const [program, ...args] = commandWith(`--v8-flags=--max-old-space-size=${HEAP}`);
  const child = new Deno.Command(program, {
    args: [...args, "-"],
    cwd: new URL("../../", import.meta.url),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const written = ReadableStream.from(batches(port)).pipeThrough(new TextEncoderStream()).pipeTo(child.stdin);
  const [lines, stderr, { code }] = await Promise.all([
    countInOrder(child.stdout, port),
    new Response(child.stderr).text(),
    child.status,
    written,
  ]);
  assertEquals([lines, stderr, code], [MILLION, "", 1]);
  proves(t, "once", `${lines} targets from stdin: ${lines} lines in their order, with ${HEAP} MB for JavaScript`);
});

/** Distinct targets of this host. */
function target(i: number, port: string): string {
  return `127.${i >> 16}.${i >> 8 & 255}.${i & 255}:${port}`;
}

function* batches(port: string): Generator<string, void, void> {
  const size = 1000;
  for (let i = 0; i < MILLION; i += size) {
    yield Array.from({ length: size }, (_, j) => `${target(i + j, port)}\n`).join("");
  }
}

/** Counts lines up to the first that is out of order. */
async function countInOrder(stdout: ReadableStream<Uint8Array<ArrayBuffer>>, port: string): Promise<number> {
  let [count, rest, inOrder] = [0, "", true];
  for await (const chunk of stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      inOrder &&= line.startsWith(`${target(count, port)} `) && line.endsWith(" ECONNREFUSED");
      if (inOrder) count++;
    }
  }
  return count;
}
