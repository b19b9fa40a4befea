/** Packet options: source, interface, mark, TOS and SYN retries, and the messages when the system rejects them. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMAND } from "../../tests/support/command.ts";
import { OpenPort } from "../../tests/support/listener.ts";
import { namespaceTest } from "../../tests/support/namespace.ts";
import { run } from "../../tests/support/shared_command.ts";

const MODES = { check: [], summary: ["-a"], rounds: ["-n", "1", "-i", "1s"], wait: ["wait"], scan: ["scan"] };
const UNPRIVILEGED = ["unshare", "--user", ...COMMAND];

for (const [mode, first] of Object.entries(MODES)) {
  Deno.test(`tcp-checker applies the packet options, or reports in one line why it can't: ${mode}`, async () => {
    using open = new OpenPort();
    const options = [
      "--source",
      "127.0.0.9",
      "--tos",
      "0xb8",
      "--syn-retries",
      "0",
      "--interface",
      "lo",
      "--mark",
      "0x0",
      "--threads",
      "2",
    ];
    const { code, stdout } = await run([...options, ...first, open.target]);
    assertEquals(code, 0, stdout);
    const refused = await run(["--source", "192.0.2.1", ...first, open.target]);
    assertEquals(refused, {
      code: 4,
      stdout: "",
      stderr: "tcp-checker: Cannot check with source 192.0.2.1: it is not an address of this host (EADDRNOTAVAIL)\n",
    });
  });
}

Deno.test("tcp-checker -v prints the packet options", async () => {
  using open = new OpenPort();
  const { stderr } = await run(["-v", "--source", "127.0.0.9", "--tos", "0xb8", "--syn-retries", "0", open.target]);
  assertStringIncludes(stderr, "\n     Source: 127.0.0.9\n        TOS: 184\nSYN retries: 0\n");
});

Deno.test("tcp-checker --source uses only addresses of its family", async () => {
  using open = new OpenPort("::1");
  const port = open.target.split(":").at(-1);
  const { stdout } = await run(["--source", "::1", "--json", `[::1]:${port}`, `127.0.0.1:${port}`]);
  const results = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(results.map(({ status, code }) => code ?? status).toSorted(), ["EAI_ADDRFAMILY", "up"]);
});

Deno.test("tcp-checker --threads takes a number or auto, and -v prints the number", async () => {
  using open = new OpenPort();
  const { code, stdout, stderr } = await run(["-v", "--threads", "3", open.target]);
  assertEquals(code, 0, stdout);
  assertStringIncludes(stderr, "\n    Threads: 3\n");
  assertEquals((await run(["--threads", "auto", open.target])).code, 0);
});

const REJECTED: [args: string[], message: string][] = [
  [["--interface", "nosuch0"], "Cannot check with interface nosuch0: there is no such interface (ENODEV)"],
  [["--source", "fe80::1"], "a link-local address needs its interface, as in fe80::1%eth0 (EINVAL)"],
  [["--mark", "7"], "Cannot check with mark 7: it needs CAP_NET_ADMIN or, since Linux 5.17, CAP_NET_RAW (EPERM)"],
];

namespaceTest("tcp-checker reports packet options that the system refuses in one line, with status 4", async () => {
  for (const [args, message] of REJECTED) {
    const { code, stdout, stderr } = await run([...args, "127.0.0.1:1"], UNPRIVILEGED);
    assertEquals([code, stdout, stderr.split("\n").length], [4, "", 2], stderr);
    assertStringIncludes(stderr, message);
    const nagios = await run([...args, "127.0.0.1:1", "--nagios"], UNPRIVILEGED);
    assertEquals([nagios.code, nagios.stderr], [3, ""]);
    assertStringIncludes(nagios.stdout, `TCP UNKNOWN - `);
    assertStringIncludes(nagios.stdout, message);
  }
});
