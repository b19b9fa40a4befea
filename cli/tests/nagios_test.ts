import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { nagiosLine } from "../lib/reports/nagios_line.ts";
import { COMMAND, commandWith } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { namespaceTest, UNSHARE } from "../../tests/support/namespace.ts";
import { run } from "../../tests/support/shared_command.ts";

/** Bytes that Nagios reads of a plugin, without the NUL at the end. */
const MAX_READ_BYTES = 8191;

/** Parses a line as Nagios does. Throws if Nagios would misread it. */
function parse(line: string): { text: string; labels: string[] } {
  assert(new TextEncoder().encode(line).length <= MAX_READ_BYTES, `${line.length} characters`);
  const [, text, data = ""] = /^TCP (?:OK|WARNING|CRITICAL|UNKNOWN) - ([^|\n]*)(?: \|([^|\n]*))?\n?$/.exec(line)!;
  const metrics = [...data.matchAll(/ (?:'((?:[^'=]|'')+)'|([^' =]+))=[^ ']+/g)];
  assertEquals(metrics.map(([metric]) => metric).join(""), data);
  const labels = metrics.map(([, quoted, bare]) => quoted ?? bare);
  assertEquals(new Set(labels).size, labels.length, `labels are unique: ${labels}`);
  return { text, labels };
}

Deno.test("tcp-checker --nagios escapes the bars of targets, options and files", async () => {
  using open = new OpenPort();
  const good = open.target;
  const able = commandWith("--allow-read");
  const cases: [args: string[], command?: readonly string[], input?: string][] = [
    [[good, "a|b=1:80"]],
    [[good, "--a|b=1"]],
    [[good, "-t", "|a=1"]],
    [["-f", "a|b=1"], able],
    [["-f", "a|b=1"]],
    [[good, "[fe80::1%a|b]:9"]],
    [["--strict", "-"], COMMAND, `${good}\na|b=1\n`],
  ];
  for (const [args, command, input] of cases) {
    const { code, stdout } = await run(["--nagios", ...args], command, input);
    const { text } = parse(stdout);
    assertEquals(code, 3);
    assertMatch(stdout, /^TCP UNKNOWN - /);
    assertStringIncludes(text, "_");
  }
});

Deno.test("tcp-checker --nagios numbers the labels of a target that is given twice", async () => {
  using open = new OpenPort();
  const { stdout } = await run(["--nagios", open.target, closedPort(), open.target, open.target]);
  const { labels } = parse(stdout);
  assertEquals(labels.filter((label) => label.startsWith(open.target)), [
    open.target,
    `${open.target} #2`,
    `${open.target} #3`,
  ]);
});

namespaceTest(
  "tcp-checker --nagios --resolve all prints 50 addresses in a fixed order, each with a label",
  async () => {
    const addresses = Array.from({ length: 300 }, (_, i) => `127.0.${i >> 7}.${i & 127 | 128}`);
    const hosts = await Deno.makeTempFile();
    const unshare = UNSHARE.filter((part) => part !== "--net");
    const shell = [...unshare, "sh", "-euc", 'mount --bind "$0" /etc/hosts; exec "$@"', hosts];
    const lines: string[] = [];
    const port = closedPort().split(":")[1];
    try {
      for (const given of [addresses, addresses.toReversed()]) {
        await Deno.writeTextFile(hosts, given.map((address) => `${address} many.example\n`).join(""));
        const args = ["--nagios", "--resolve", "all", "-4", `many.example:${port}`];
        const { code, stdout } = await run(args, [...shell, ...COMMAND]);
        assertEquals(code, 2);
        lines.push(stdout);
      }
    } finally {
      await Deno.remove(hosts);
    }
    const first = addresses.toSorted().slice(0, 50);
    const { text, labels } = parse(lines[0]);
    assertEquals(labels, ["up", ...first.map((address) => `many.example:${port} ${address}`)]);
    assertMatch(text, /^0\/300 up, many\.example.*, 250 more$/);
    assertEquals(lines[1], lines[0]);
  },
);

namespaceTest(
  "tcp-checker --nagios stays below 8 KiB with the longest names, and counts the omitted ones",
  async () => {
    // 250 characters. The namespace has no name server.
    const name = (i: number) => `${`${"a".repeat(49)}.`.repeat(4)}${"b".repeat(42)}${i}.test`;
    const targets = Array.from({ length: 60 }, (_, i) => `${name(10 + i)}:9`);
    const { stdout } = await run(["--nagios", "-t", "500", ...targets], [...UNSHARE, ...COMMAND]);
    const { text, labels } = parse(stdout);
    const listed = text.split(", ").filter((part) => part.includes(".test:9")).length;
    assert(listed > 0 && listed < 50, `${listed}`);
    assertMatch(text, new RegExp(`^0/60 up, .*, ${60 - listed} more$`));
    assertEquals(labels, ["up", ...targets.slice(0, labels.length - 1)]);
  },
);

Deno.test("nagiosLine() makes one line that Nagios parses correctly, from any text", () => {
  const characters = [..."ab |='\"\\;,:$\n\r\t\x1b\x7f\x9b\u202e\u2028é€\u{1f600}"];
  let seed = 1;
  const below = (limit: number) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % limit;
  const text = (length: number) => Array.from({ length: below(length) }, () => characters[below(20)]).join("");
  for (let i = 0; i < 500; i++) {
    const count = below(70);
    const line = nagiosLine({
      state: "CRITICAL",
      summary: text(i % 50 === 0 ? 20_000 : 100),
      problems: Array.from({ length: count }, () => text(200)),
      omitted: below(3),
      performance: Array.from({ length: count }, () => ({ label: `x${text(6)}`, value: "1ms;;;0;1000" })),
    });
    parse(line);
    assert(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line));
  }
});
