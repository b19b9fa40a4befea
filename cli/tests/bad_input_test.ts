import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMAND, commandWith } from "../../tests/support/command.ts";
import { proves } from "../../tests/support/evidence.ts";
import { runEach } from "../../tests/support/command_process.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { run } from "../../tests/support/shared_command.ts";

/** The command without permissions: it can't load the library. */
const POWERLESS = COMMAND.filter((part) => part !== "--allow-ffi");

/** Bad arguments, which follow a good target, and a part of the message about each. */
function badArguments(good: string): [args: string[], message: string][] {
  return [
    [["--frobnicate", good], 'Unknown option "--frobnicate" (see --help)'],
    [["-x", good], 'Unknown option "-x"'],
    [["wait", good, "--", "program", "--nagios"], 'Cannot run "program": Deno was run without --allow-run'],
    [["--verbose=yes", good], "does not take an argument"],
    [[good, "-t"], "-t has no value: add a time above 0"],
    [[good, "-t", "-1"], '-t "-1" is invalid: use a time above 0'],
    [["-n", "-1", good], '-n "-1" is invalid: use a whole number, 1 or more'],
    [["--timeout", "-v", good], '-t "-v" is invalid: use a time above 0'],
    [[good, "-vt", "-1"], "-t has no value: add a time above 0"],
    [["-f", "-x", good], '-f "-x" looks like an option: if it is the value, write --file=-x'],
    [[good, "-f"], "-f has no value: add a FILE"],
    [[good, "-t", "0"], '-t "0" is invalid: use a time above 0 and below 24 days, such as 500ms, 1.5s, 2m or 1h'],
    [[good, "-t", "2147483648"], '-t "2147483648" is invalid'],
    [[good, "-t", "1x"], '-t "1x" is invalid'],
    [[good, "-t", "25d"], '-t "25d" is invalid'],
    [[good, "-t="], '-t "" is invalid'],
    [[good, "-n", "0"], '-n "0" is invalid: use a whole number, 1 or more'],
    [[good, "-n", "1.5"], '-n "1.5" is invalid'],
    [[good, "--requests=-1"], '-n "-1" is invalid'],
    [[good, "-n", "1e999"], '-n "1e999" is invalid'],
    [[good, "-c", "many"], '-c "many" is invalid: use a whole number, 1 or more'],
    [[good, "--rate", "0"], '--rate "0" is invalid: use a number of checks per second, above 0'],
    [[good, "--resolve", "some"], '--resolve "some" is invalid: use any, first or all'],
    [[good, "-p", "0"], '-p "0" is invalid: use ports from 1 to 65535'],
    [["scan", good, "--seed", "4294967296"], '--seed "4294967296" is invalid: use a whole number below 2^32'],
    [[good, "--limit", "4503599627370497"], '--limit "4503599627370497" is too high: use at most 4503599627370496'],
    [[good, "--source", "localhost"], '--source "localhost" is invalid: use an IP address'],
    [[good, "--source", "127.0.0.1:80"], "is invalid: use an IP address"],
    [[good, "--source", "::1", "-4"], '-4 does not work with --source "::1", an IPv6 address: leave out one of them'],
    [
      [good, "--source", "127.0.0.1", "-6"],
      '-6 does not work with --source "127.0.0.1", an IPv4 address: leave out one of them',
    ],
    [[good, "--interface", "sixteen-letters-"], "is invalid: use the name of a network interface, such as eth0"],
    [[good, "--interface", "eth0:1"], "is invalid: use the name of a network interface"],
    [[good, "--mark", "4294967296"], '--mark "4294967296" is invalid: use a number below 2^32, such as 7 or 0x7'],
    [[good, "--mark", "0x"], "is invalid: use a number below 2^32"],
    [[good, "--tos", "185"], '--tos "185" is invalid: use a multiple of 4 up to 252, such as 184 or 0xb8'],
    [[good, "--tos", "256"], "is invalid: use a multiple of 4 up to 252"],
    [[good, "--syn-retries", "128"], '--syn-retries "128" is invalid: use a whole number up to 127'],
    [[good, "--threads", "0"], '--threads "0" is invalid: use a whole number from 1 to 64, or auto'],
    [[good, "--threads", "65"], '--threads "65" is invalid'],
    [[good, "--threads", "all"], '--threads "all" is invalid'],
    [[good, "--threads", "2", "--engine", "connect"], "--threads does not work with --engine connect"],
    [[good, "-n", "0x10"], '-n "0x10" is invalid'],
    [[good, "--engine", "sockets"], '--engine "sockets" is invalid: use socket, raw, auto or connect'],
    [
      [good, "--engine", "raw", "--no-linger"],
      "--no-linger does not work with --engine raw, which completes no handshake",
    ],
    [
      ["wait", good, "--engine", "auto", "--no-linger"],
      "--no-linger does not work with --engine auto, which may choose raw",
    ],
    [["wait", good, "--deadline", "30"], '--deadline "30" is invalid: use a time with its unit'],
    [["wait", good, "./server"], 'Cannot check "./server"'],
    [["wait", good, "server"], 'it should be "host:port", or add -p PORT; write -- before a command'],
    [["scan", good, "--open", "--only", "up"], "--open means --only up: leave out one of them"],
    [["scan", good, "--only", "open"], '--only "open" is invalid: use one or more of up, refused, timeout'],
    [["scan", good, "--exclude", "a,"], '--exclude "a," is invalid: use addresses, networks, ranges or names'],
    [["scan", good, "--exclude", "192.0.2.1:80"], 'Cannot exclude "192.0.2.1:80": all ports of a host are excluded'],
    [["scan", good, "--exclude", "192.0.2.5-9"], 'Cannot exclude "192.0.2.5-9": use an address, a network'],
    [["scan", good, "--exclude", "192.0.2.0/33"], "the prefix length of an IPv4 address is 0 to 32, it is 33"],
    [["scan", good, "--exclude", "192.0.2.9-192.0.2.5"], "the range ends before it starts: swap its ends"],
    [["scan", good, "--exclude-file", "nowhere.txt"], 'Cannot read "nowhere.txt": there is no such file'],
    [["scan", good, "--engine", "connect", "--source", "127.0.0.1"], "--source does not work with --engine connect"],
    [
      [good, "--engine", "connect", "--mark", "0"],
      "--mark does not work with --engine connect, which can't control packets",
    ],
    [["-a", good, "--engine", "connect", "--syn-retries", "1"], "--syn-retries does not work with --engine connect"],

    [[good, "localhost"], 'Cannot check "localhost": it has no port, it should be "host:port", or add -p PORT'],
    [[good, ""], 'Cannot check "": it has no port'],
    [[good, "localhost:0"], 'Cannot check "localhost:0": port must be an integer from 1 to 65535, it is 0'],
    [[good, "localhost:http"], "the port is not a number"],
    [[good, "localhost:80,"], 'the port is not a number, a list or a range: "80,"'],
    [[good, "localhost:90-80"], "the range of ports ends before it starts: 90-80"],
    [[good, "localhost:80,65536"], "port must be an integer from 1 to 65535, it is 65536"],
    [[good, "::1:80"], "an IPv6 address is written in brackets"],
    [[good, "[127.0.0.1]:80"], "only an IPv6 address has brackets"],
    [[good, "http://localhost:80"], "it is a URL"],
    [[good, "https://localhost/"], 'Cannot check "https://localhost/": it is a URL, it should be "host:port"'],
    [[good, "-p", "80", "http://localhost"], "it is a URL"],
    [[good, "1.2.3.400:80"], "it is neither a name nor an IP address"],
    [[good, "1.2.3.400:80,81"], "it is neither a name nor an IP address"],
    [[good, "-a", "two words:80"], 'Cannot check "two words:80"'],
    [[good, "with\na newline:80"], 'Cannot check "with\\na newline:80"'],
    [[good, "[fe80::1%\x1b[2J]:80"], "it has a control or format character: remove it"],
    [[good, "localhost/8:80"], "only an IP address without a zone has a prefix length"],
    [[good, "192.0.2.0/33:80"], "the prefix length of an IPv4 address is 0 to 32, it is 33"],
    [[good, "[2001:db8::/129]:80"], "the prefix length of an IPv6 address is 0 to 128, it is 129"],
    [
      [good, "127.0.0.0/8:80"],
      "it has 16777216 targets, and the limit is 65536: narrow it, or add --limit 16777216",
    ],
    [[good, "[2001:db8::]/64:80"], "it has 1.8e+19 targets, and the limit is 65536: narrow it"],
    [[good, "--limit", "3", "127.0.0.0/30:80"], "it has 4 targets, and the limit is 3"],

    [[good, "-f", "nowhere.txt"], 'Cannot read "nowhere.txt": there is no such file'],
    [[good, "-f", "cli"], 'Cannot read "cli": it is a directory'],
    [["-", "-f", "-"], "stdin is given twice"],
    [["-", "-f", "/dev/stdin"], "stdin is given twice"],

    [[good, "--json", "--csv"], "--json and --csv exclude each other: choose one"],
    [[good, "-4", "-6"], "-4 and -6 exclude each other"],
    [[good, "--any"], '--any is an option of wait: write "tcp-checker wait --any TARGET"'],
    [
      ["wait", good, "-c", "5"],
      "-c does not work with wait: it has one check in flight per target: leave out -c",
    ],
    [["scan", good, "-i", "1s"], "-i does not work with scan: it checks each target once: leave out scan for rounds"],
    [
      ["scan", good, "-n", "2"],
      "-n does not work with scan: it checks each target once: leave out scan to check more often",
    ],
    [["monitor", good, "-n", "2"], "-n does not work with monitor: it runs until a signal: use watch -n"],
    [["wait", good, "-n", "2"], "-n does not work with wait: it checks until the targets are up: use --deadline TIME"],
    [
      ["wait", good, "--min-up", "2"],
      "--min-up does not work with wait: it waits for all targets, or for one with --any",
    ],
    [["wait", good, "--sort", "rtt"], "--sort is an option of watch, not of wait: leave it out"],
    [[good, "--rise", "2"], '--rise is an option of watch and monitor: write "tcp-checker watch --rise N TARGET"'],
    [[good, "--exclude", "192.0.2.1"], 'write "tcp-checker scan --exclude TARGETS TARGET"'],
    [["-i", "1s", good, "--explain"], "--explain does not work with rounds: leave out --explain, or leave out -i"],
    [["watch", good, "-v"], "-v does not work with watch: leave out -v, or leave out watch"],
    [
      ["-a", good, "--csv"],
      "--csv does not work with the summary: use --json, or leave out -a and -n",
    ],
    [["wait", good, "--resolve", "all"], "--resolve all does not work with wait"],
    [[good, good, "--explain"], "--explain works with one target, not 2: give one"],
    [["wait", good, "--", "true"], 'Cannot run "true": Deno was run without --allow-run; add --allow-run=true'],

    [["wait", "-q", good, "--", ""], 'Cannot run "": give a program after --, or leave out --'],
    [["wait", good, "--", "", "true"], 'Cannot run "": give a program after --'],

    [[], 'No target given: add one, as in "tcp-checker example.com:80"'],
    [["wait"], 'No target given: add one, as in "tcp-checker wait example.com:80"'],
    [["--"], "No target given"],
    [["-i", "1s"], "No target given"],
  ];
}

Deno.test("tcp-checker rejects bad arguments in one line, before it loads the library", async (t) => {
  using open = new OpenPort();
  const good = open.target;
  const cases = badArguments(good);
  const command = [...POWERLESS.slice(0, -1), "--allow-read=nowhere.txt,cli", "cli/mod.ts"];
  const runs = await runEach(cases.map(([args]) => args), command);
  for (const [i, [args, message]] of cases.entries()) {
    await t.step(JSON.stringify(args.filter((arg) => arg !== good)), () => {
      const { code, stdout, stderr } = runs[i];
      assertStringIncludes(stderr, message);
      assertMatch(stderr, /^tcp-checker: .+\n$/);
      assertEquals([code, stdout], [3, ""]);
    });
  }
  proves(t, "input", `${cases.length} bad command lines: each refused in one line of stderr, with nothing sent`);
});

Deno.test("tcp-checker names the permission that a file needs", async () => {
  const { code, stderr } = await run(["-f", "README.md"]);
  assertStringIncludes(stderr, 'Cannot read "README.md": Deno was run without --allow-read');
  assertEquals(code, 3);
});

Deno.test("tcp-checker reports a malformed line, and checks the others", async () => {
  using open = new OpenPort();
  const text = `${open.target}\n# a comment\nlocalhost:no\n\n${open.target} # another\n`;
  const { code, stdout, stderr } = await run(["-"], COMMAND, text);
  assertEquals(stdout.match(/ up /g)?.length, 2);
  assertEquals(
    stderr,
    'stdin:3: Cannot check "localhost:no": the port is not a number, a list or a range: "no"; skipped\n',
  );
  assertEquals(code, 3);
});

Deno.test("tcp-checker --strict checks nothing if a line is malformed", async () => {
  using open = new OpenPort();
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, `${open.target}\n${open.target}\nlocalhost\n`);
    for (const args of [["-f", file], ["scan", "-f", file], ["-i", "1", "-f", file], ["watch", "-f", file]]) {
      // Without --allow-ffi a check would exit with status 4.
      const { code, stdout, stderr } = await run(["--strict", ...args], [
        ...POWERLESS.slice(0, -1),
        `--allow-read=${file}`,
        "cli/mod.ts",
      ]);
      assertMatch(stderr, /^tcp-checker: .+:3: Cannot check "localhost": it has no port.*\n$/);
      assertEquals([code, stdout], [3, ""]);
    }
    await Deno.writeTextFile(file, `${open.target}\n${open.target}`);
    const fine = await run(["--strict", "-f", file], commandWith(`--allow-read=${file}`));
    assertEquals([fine.code, fine.stdout.match(/ up /g)?.length], [0, 2]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("tcp-checker reports a file without targets", async () => {
  for (const args of [["-"], ["scan", "-"], ["-i", "1", "-"], ["watch", "-"], ["wait", "-"], ["-n", "2", "-"]]) {
    const { code, stderr } = await run(args, COMMAND, "# nothing\n\n");
    assertEquals([code, stderr], [
      3,
      "tcp-checker: No target given: add targets to the files, or to the command line\n",
    ]);
  }
});

Deno.test("tcp-checker reports that stdout can't be written, with status 4", async () => {
  const { code, stderr } = await run(["--version"], ["sh", "-c", 'exec "$@" > /dev/full', "sh", ...COMMAND]);
  assertMatch(stderr, /^tcp-checker: Cannot write to stdout: No space left on device.*\n$/);
  assertEquals(code, 4);
});

Deno.test("tcp-checker reports that the library can't be loaded, with status 4", async () => {
  const { code, stdout, stderr } = await run([closedPort()], POWERLESS);
  assertStringIncludes(stderr, "--allow-ffi");
  assertEquals([code, stdout], [4, ""]);
});
