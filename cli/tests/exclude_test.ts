/** Exclusions of scans: `--exclude` and `--exclude-file`. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type AddressRange, AddressSet } from "@tcp-shaker/tcp-shaker/address-set";
import { parseExclusion } from "../lib/exclusions/parse_exclusion.ts";
import { COMMAND, commandWith } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { LOOPBACK, namespaceTest, UNSHARE } from "../../tests/support/namespace.ts";
import { run } from "../../tests/support/shared_command.ts";

Deno.test("parseExclusion() reads addresses, networks, ranges and names", () => {
  const excludes = (text: string, address: string) =>
    new AddressSet([parseExclusion(text) as AddressRange]).has(address);
  const cases: [text: string, inside: string[], outside: string[]][] = [
    ["192.0.2.7", ["192.0.2.7", "[::ffff:192.0.2.7]", "::ffff:c000:207"], ["192.0.2.6", "192.0.2.8", "::c000:207"]],
    ["192.0.2.7/30", ["192.0.2.4", "192.0.2.7"], ["192.0.2.3", "192.0.2.8"]],
    ["0.0.0.0/0", ["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"], ["::1", "::fffe:ffff:ffff"]],
    ["192.0.2.250-192.0.3.1", ["192.0.2.250", "192.0.3.1"], ["192.0.2.249", "192.0.3.2"]],
    ["::/0", ["::1", "ffff::"], ["192.0.2.7", "::ffff:192.0.2.7"]],
    ["::ffff:192.0.2.0/120", ["192.0.2.255"], ["192.0.3.0"]],
    ["2001:db8::/126", ["2001:db8::", "[2001:db8::3]"], ["2001:db8::4"]],
    ["[2001:db8::]/126", ["2001:db8::3"], ["2001:db8::4"]],
    ["[2001:db8::1]", ["2001:db8:0:0::1"], ["2001:db8::"]],
    ["2001:db8::a-2001:db8::c", ["2001:db8::b"], ["2001:db8::d"]],
    ["fe80::1%eth0", ["[fe80::1%eth1]"], ["fe80::2%eth0"]],
    ["::ffff:192.0.2.7", ["192.0.2.7"], ["192.0.2.8"]],
  ];
  for (const [text, inside, outside] of cases) {
    for (const address of inside) assertEquals(excludes(text, address), true, `${text} ${address}`);
    for (const address of outside) assertEquals(excludes(text, address), false, `${text} ${address}`);
  }
  assertEquals(["db.example", "my-host", "a-b.example"].map(parseExclusion), ["db.example", "my-host", "a-b.example"]);
});

Deno.test("AddressSet finds the same addresses of overlapping ranges as a comparison with each range", () => {
  const address = (number: number) => `198.18.0.${number}`;
  // Linear congruential generator, so that failures are reproducible.
  let state = 7;
  const next = () => (state = (state * 1103515245 + 12345) % 2 ** 31) >> 16 & 0xff;
  for (let round = 0; round < 200; round++) {
    const ranges = Array.from({ length: round % 9 }, () => [next(), next()].sort((a, b) => a - b));
    const texts = ranges.map(([first, last]) => `${address(first)}-${address(last)}`);
    const exclusions = new AddressSet(texts.map((text) => parseExclusion(text) as AddressRange));
    for (let n = 0; n < 256; n++) {
      assertEquals(
        exclusions.has(address(n)),
        ranges.some(([first, last]) => first <= n && n <= last),
        `${texts} ${n}`,
      );
    }
  }
  assertEquals(new AddressSet([]).has(address(1)), false);
});

namespaceTest("tcp-checker scan sends no SYN to an excluded address, by its address or by a name", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const hosts = [
      "127.0.1.1 half.example",
      "127.0.2.1 half.example",
      "127.0.1.2 none.example",
      "127.0.1.9 left.example",
    ];
    await Deno.writeTextFile(`${folder}/hosts`, hosts.join("\n"));
    await Deno.writeTextFile(`${folder}/excluded`, "# leave alone\n127.0.1.0/29, 127.0.1.8 # two\n\nleft.example\n");
    const setup = `${LOOPBACK}
      mount --bind "$0/hosts" /etc/hosts
      nft -f - <<'END'
      table inet t {
        counter excluded {}
        counter others {}
        chain output {
          type filter hook output priority 0
          ip daddr 127.0.1.0/24 tcp flags syn / syn,ack,rst counter name excluded
          ip daddr 127.0.2.0/24 tcp flags syn / syn,ack,rst counter name others
        }
      }
END
      "$@"
      nft list counters | grep packets >&2`;
    for (const engine of ["socket", "raw"]) {
      const command = [...UNSHARE, "sh", "-euc", setup, folder, ...commandWith("--allow-read")];
      const scanned = await run(
        ["scan", "--json", "-4", "--engine", engine, "--exclude", "127.0.1.10-127.0.1.255", "--exclude-file"]
          .concat(
            `${folder}/excluded`,
            "127.0.1.0/24:1-2",
            "127.0.2.0/30:1",
            "half.example:1",
            "none.example:1",
            "[::ffff:127.0.1.3]:1",
          ),
        command,
      );
      const lines = scanned.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
      const { total, refused, denied, excluded } = lines.at(-1);
      assertEquals([total, refused, denied, excluded], [6, 5, 1, 513], engine);
      assertEquals(lines.find(({ host }) => host === "none.example").status, "denied");
      assertEquals(lines.find(({ host }) => host === "half.example").address, "127.0.2.1");
      assertMatch(scanned.stderr, /^\s*packets 0 bytes 0\n\s*packets [1-9]\d* bytes \d+\n$/);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

namespaceTest(
  "tcp-checker scan does not start if a name to exclude has no address, or a line is malformed",
  async () => {
    const command = [...UNSHARE, ...COMMAND];
    const name = await run(["scan", "--exclude", "nowhere.invalid", "127.0.0.1:1"], command);
    assertMatch(name.stderr, /^tcp-checker: Cannot exclude "nowhere\.invalid": the name has no address \(EAI_[A-Z]+\)/);
    assertEquals([name.code, name.stdout], [3, ""]);
    const line = await run(["scan", "--exclude-file", "-", "127.0.0.1:1"], command, "127.0.0.2\n127.0.0.0/33\n");
    assertStringIncludes(line.stderr, "tcp-checker: -:2: Cannot exclude");
    assertEquals([line.code, line.stdout], [3, ""]);
  },
);

Deno.test("tcp-checker scan --only prints results of these statuses, and counts all results", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  const opened = await run(["scan", "--open", open.target, closed]);
  assertMatch(opened.stdout, new RegExp(`^${open.target} +up .+\n$`));
  assertMatch(opened.stderr, /^Finished 2\/2 checks in \S+, \d+\/s: up 1, refused 1\n$/);
  const only = await run(["scan", "--json", "--only", "refused,timeout", open.target, closed]);
  const lines = only.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ type, target }) => [type, target]), [["result", closed], ["summary", undefined]]);
  assertEquals([lines[1].up, lines[1].refused, only.stderr], [1, 1, ""]);
  const rows = await run(["scan", "--csv", "--only", "timeout", open.target, closed]);
  assertEquals(rows.stdout.split("\r\n").length, 2);
  assertMatch(rows.stderr, /^Finished 2\/2/);
});
