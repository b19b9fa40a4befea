import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMAND, commandWith, run } from "../../tests/support/command.ts";
import { proves } from "../../tests/support/evidence.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";

/** It may not even load the library. */
const POWERLESS = COMMAND.filter((part) => part !== "--allow-ffi");

Deno.test("tcp-checker refuses bad arguments in one line, before it loads what could send anything", async (t) => {
  using open = new OpenPort();
  const good = open.target;
  const cases: [args: string[], said: string][] = [
    [["--fast", good], 'Unknown option "--fast" (--help lists the options)'],
    [["-x", good], 'Unknown option "-x"'],
    [["wait", good, "--", "program", "--nagios"], 'Cannot run "program": Deno was run without --allow-run'],
    [["--verbose=yes", good], "does not take an argument"],
    [[good, "-t"], "Cannot use -t alone: it takes a time above 0"],
    [[good, "-t", "-1"], 'Cannot use -t "-1": it takes a time above 0'],
    [["-n", "-1", good], 'Cannot use -n "-1": it takes a whole number, 1 or more'],
    [["--timeout", "-v", good], 'Cannot use -t "-v": it takes a time above 0'],
    [[good, "-vt", "-1"], "Cannot use -t alone: it takes a time above 0"],
    [["-f", "-x", good], 'Cannot use -f "-x": if you mean it, and no option, write --file=-x'],
    [[good, "-f"], "Cannot use -f alone: it takes a FILE"],
    [[good, "-t", "0"], 'Cannot use -t "0": it takes a time above 0 and below 24 days, as 500ms, 1.5s, 2m or 1h'],
    [[good, "-t", "2147483648"], 'Cannot use -t "2147483648"'],
    [[good, "-t", "1x"], 'Cannot use -t "1x"'],
    [[good, "-t", "25d"], 'Cannot use -t "25d"'],
    [[good, "-t="], 'Cannot use -t ""'],
    [[good, "-n", "0"], 'Cannot use -n "0": it takes a whole number, 1 or more'],
    [[good, "-n", "1.5"], 'Cannot use -n "1.5"'],
    [[good, "--requests=-1"], 'Cannot use -n "-1"'],
    [[good, "-n", "1e999"], 'Cannot use -n "1e999"'],
    [[good, "-c", "many"], 'Cannot use -c "many": it takes a whole number, 1 or more'],
    [[good, "--rate", "0"], 'Cannot use --rate "0": it takes a number of checks a second, above 0'],
    [[good, "--resolve", "some"], 'Cannot use --resolve "some": it takes any, first or all'],
    [[good, "-p", "0"], 'Cannot use -p "0": it takes ports from 1 to 65535'],
    [["scan", good, "--seed", "4294967296"], 'Cannot use --seed "4294967296": it takes a whole number below 2^32'],
    [[good, "--limit", "4503599627370497"], 'Cannot use --limit "4503599627370497": it goes no higher than'],
    [[good, "--source", "localhost"], 'Cannot use --source "localhost": it takes an IP address'],
    [[good, "--source", "127.0.0.1:80"], "it takes an IP address"],
    [[good, "--source", "::1", "-4"], 'Cannot use -4 with --source "::1": that is an IPv6 address'],
    [[good, "--source", "127.0.0.1", "-6"], 'Cannot use -6 with --source "127.0.0.1": that is an IPv4 address'],
    [[good, "--interface", "sixteen-letters-"], "it takes the name of an interface, as eth0"],
    [[good, "--interface", "eth0:1"], "it takes the name of an interface"],
    [[good, "--mark", "4294967296"], 'Cannot use --mark "4294967296": it takes a number below 2^32, as 7 or 0x7'],
    [[good, "--mark", "0x"], "it takes a number below 2^32"],
    [[good, "--tos", "185"], 'Cannot use --tos "185": it takes a multiple of 4 up to 252, as 184 or 0xb8'],
    [[good, "--tos", "256"], "it takes a multiple of 4 up to 252"],
    [[good, "--syn-retries", "128"], 'Cannot use --syn-retries "128": it takes a whole number up to 127'],
    [[good, "-n", "0x10"], 'Cannot use -n "0x10"'],
    [[good, "--engine", "sockets"], 'Cannot use --engine "sockets": it takes socket, raw, auto or connect'],
    [[good, "--engine", "raw", "--no-linger"], "Cannot use --no-linger with --engine raw: it completes no handshake"],
    [["wait", good, "--engine", "auto", "--no-linger"], "Cannot use --no-linger with --engine auto: it may be raw"],
    [["scan", good, "--engine", "connect", "--source", "127.0.0.1"], "Cannot use --source with --engine connect"],
    [[good, "--engine", "connect", "--mark", "0"], "Cannot use --mark with --engine connect: it leaves the packets"],
    [["-a", good, "--engine", "connect", "--syn-retries", "1"], "Cannot use --syn-retries with --engine connect"],

    [[good, "localhost"], 'Cannot check "localhost": it has no port, it should be "host:port", or come with -p PORT'],
    [[good, ""], 'Cannot check "": it has no port'],
    [[good, "localhost:0"], 'Cannot check "localhost:0": port must be an integer from 1 to 65535, it is 0'],
    [[good, "localhost:http"], "the port is not a number"],
    [[good, "localhost:80,"], 'the port is not a number, nor a list or a range: "80,"'],
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
      "it stands for 16777216 targets, and the limit is 65536; if you mean it, add --limit 16777216",
    ],
    [[good, "[2001:db8::]/64:80"], "it stands for 1.8e+19 targets, and the limit is 65536; narrow it"],
    [[good, "--limit", "3", "127.0.0.0/30:80"], "it stands for 4 targets, and the limit is 3"],

    [[good, "-f", "nowhere.txt"], 'Cannot read "nowhere.txt": there is no such file'],
    [[good, "-f", "cli"], 'Cannot read "cli": it is a directory'],
    [["-", "-f", "-"], "Cannot read stdin twice"],
    [["-", "-f", "/dev/stdin"], "Cannot read stdin twice"],

    [[good, "--json", "--csv"], "Cannot use --json with --csv: choose one"],
    [[good, "-4", "-6"], "Cannot use -4 with -6"],
    [[good, "--any"], "Cannot use --any with a check of each target: it is for wait"],
    [["wait", good, "-c", "5"], "Cannot use -c with wait: it is for"],
    [["scan", good, "-i", "1s"], "Cannot use -i with scan: it is for rounds (-i), wait and watch"],
    [["-a", good, "--csv"], "Cannot use --csv with the summary (-a, -n)"],
    [["wait", good, "--resolve", "all"], "Cannot use --resolve all with wait"],
    [[good, good, "--explain"], "Cannot use --explain with many targets: give one"],
    [["wait", good, "--", "true"], 'Cannot run "true": Deno was run without --allow-run; add --allow-run=true'],

    [["wait", "-q", good, "--", ""], 'Cannot run "": name a program after --, or leave out --'],
    [["wait", good, "--", "", "true"], 'Cannot run "": name a program after --'],

    [[], 'No target given: name one, as in "tcp-checker example.com:80"'],
    [["wait"], "No target given"],
    [["--"], "No target given"],
    [["-i", "1s"], "No target given"],
  ];
  const command = [...POWERLESS.slice(0, -1), "--allow-read=nowhere.txt,cli", "cli/mod.ts"];
  for (const [args, said] of cases) {
    await t.step(JSON.stringify(args.filter((arg) => arg !== good)), async () => {
      const { code, stdout, stderr } = await run(args, command);
      assertStringIncludes(stderr, said);
      assertMatch(stderr, /^tcp-checker: .+\n$/);
      assertEquals([code, stdout], [3, ""]);
    });
  }
  proves(t, "input", `${cases.length} bad command lines: each refused in one line of stderr, with nothing sent`);
});

Deno.test("tcp-checker says which permission a file needs", async () => {
  const { code, stderr } = await run(["-f", "README.md"]);
  assertStringIncludes(stderr, 'Cannot read "README.md": Deno was run without --allow-read');
  assertEquals(code, 3);
});

Deno.test("tcp-checker names a malformed line, and checks the rest", async () => {
  using open = new OpenPort();
  const text = `${open.target}\n# a comment\nlocalhost:no\n\n${open.target} # another\n`;
  const { code, stdout, stderr } = await run(["-"], COMMAND, text);
  assertEquals(stdout.match(/ up /g)?.length, 2);
  assertEquals(
    stderr,
    'stdin:3: Cannot check "localhost:no": the port is not a number, nor a list or a range: "no"; skipped\n',
  );
  assertEquals(code, 3);
});

Deno.test("tcp-checker --strict sends nothing if a line is malformed", async () => {
  using open = new OpenPort();
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, `${open.target}\n${open.target}\nlocalhost\n`);
    for (const args of [["-f", file], ["scan", "-f", file], ["-i", "1", "-f", file], ["watch", "-f", file]]) {
      // Without --allow-ffi a check would fail with status 4.
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

Deno.test("tcp-checker says so when a file has no targets", async () => {
  for (const args of [["-"], ["scan", "-"], ["-i", "1", "-"], ["watch", "-"], ["wait", "-"], ["-n", "2", "-"]]) {
    const { code, stderr } = await run(args, COMMAND, "# nothing\n\n");
    assertEquals([code, stderr], [3, "tcp-checker: No target given: the files have none\n"]);
  }
});

Deno.test("tcp-checker says so when its output can't be written", async () => {
  const { code, stderr } = await run(["--version"], ["sh", "-c", 'exec "$@" > /dev/full', "sh", ...COMMAND]);
  assertMatch(stderr, /^tcp-checker: No space left on device.*\n$/);
  assertEquals(code, 4);
});

Deno.test("tcp-checker says so when the library can't be loaded", async () => {
  const { code, stdout, stderr } = await run([closedPort()], POWERLESS);
  assertStringIncludes(stderr, "--allow-ffi");
  assertEquals([code, stdout], [4, ""]);
});
