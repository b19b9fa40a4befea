import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { flags } from "../lib/flags.ts";
import { Columns } from "../lib/reports/columns.ts";
import { resultRecord } from "../lib/reports/record.ts";
import { request } from "../lib/targets/target.ts";
import { COMMAND, commandWith, run } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { proves } from "../../tests/support/evidence.ts";

/** Characters that a terminal obeys or does not show. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
/** Those that an argument can have: not NUL, and no lone surrogate. */
const BAD = Array.from({ length: 0x110000 }, (_, i) => String.fromCodePoint(i))
  .filter((character) => UNPRINTABLE.test(character) && !/[\0\p{Cs}]/u.test(character));
/** How many of them each text has, so that they come before the cut of what is quoted. */
const A_TEXT = 5;

/** Gives all of them in turn, some at a time. */
let place = 0;
function bad(): string {
  const characters = Array.from({ length: A_TEXT }, () => BAD[place++ % BAD.length]);
  return `a${characters.join("")}z`;
}

/** Asserts that what was printed has nothing in it that a terminal obeys but the end of a line. */
function assertPrintable(text: string, shown: string): void {
  for (const line of text.split(/\r?\n/)) assert(!UNPRINTABLE.test(line), `${shown}: ${JSON.stringify(line)}`);
}

Deno.test("tcp-checker prints no control or format character of any argument, file or name", async (t) => {
  using open = new OpenPort();
  const good = open.target;
  const folder = await Deno.makeTempDir();
  // Also with the permissions that let Deno's own messages be reached.
  const able = commandWith("--allow-read", "--allow-run");
  try {
    const places: Record<string, (text: string) => [args: string[], command?: readonly string[], input?: string]> = {
      "a name": (text) => [[good, `${text}:80`]],
      "a name that IDNA would take": (text) => [[good, `lo${text}calhost:80`]],
      "a zone": (text) => [[good, `[fe80::1%${text}]:80`]],
      "a port": (text) => [[good, `localhost:${text}`]],
      "a prefix length": (text) => [[good, `127.0.0.0/${text}:80`]],
      "a URL": (text) => [[good, `http://${text}`]],
      "no port": (text) => [[good, text]],
      "an option": (text) => [[good, `--${text}`]],
      "a short option": (text) => [[good, `-${text}`]],
      "a value of a flag": (text) => [[good, `--verbose=${text}`]],
      "a value with a dash": (text) => [[good, "-f", `-${text}`]],
      "a file that is not there": (text) => [["-f", text], able],
      "a file without a permission": (text) => [["-f", text]],
      "a file that is none": (text) => [["-f", `${folder}/${text}`], able],
      "a line of stdin": (text) => [["-"], COMMAND, `${good}\n${text.replace(/[\r\n]/g, "\x9b")}\n`],
      "a line of stdin, strictly": (text) => [["--strict", "-"], COMMAND, `${text}\n`],
      "a program without a permission": (text) => [["wait", good, "--", text]],
      "a program that is not there": (text) => [["wait", good, "--", text], able],
      "a program that is not run": (text) => [["wait", "-", "--", "true", text], able, `${good}\nmalformed\n`],
      "the configuration": (text) => [["-v", "-f", `${folder}/lines`, "-f", `${folder}/${text}`], able],
      ...Object.fromEntries(
        flags().filter(([, { value }]) => value !== undefined)
          .map(([name]) => [`a value of --${name}`, (text) => [[good, `--${name}=${text}`]]]),
      ),
    };
    await Deno.writeTextFile(`${folder}/lines`, `${good}\n`);
    let runs = 0;
    for (const [name, make] of Object.entries(places)) {
      await t.step(name, async () => {
        for (const format of [[], ["--nagios"]]) {
          const text = bad();
          // What is malformed here is said with the name of the file.
          if (name === "the configuration") await Deno.writeTextFile(`${folder}/${text}`, `malformed\n`);
          if (name === "a file that is none") await Deno.mkdir(`${folder}/${text}`);
          const [args, command, input] = make(text);
          const { code, stdout, stderr } = await run([...format, ...args], command, input);
          assertPrintable(stdout + stderr, JSON.stringify(args));
          // All are complained of, and none by Deno in place of the command.
          assert(stdout + stderr !== "", JSON.stringify(args));
          assert(code !== 1, `${code} ${stderr}`);
          runs++;
        }
      });
    }
    proves(t, "input", `${runs} command lines and files with control and format characters: none of them is printed`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tcp-checker says in one line what is wrong with an argument that has newlines", async () => {
  for (const args of [["--a\nb"], ["-f", "-a\nb"], ["a\nb:80"], ["--nagios", "--a\nb"], ["--nagios", "a\nb:80"]]) {
    const { stdout, stderr } = await run(args);
    assertMatch(stdout + stderr, /^[^\n]+\n$/);
  }
});

Deno.test("what is said on stderr is escaped there, but for the ends of lines", async () => {
  const output = new URL("../lib/output.ts", import.meta.url);
  const program =
    `import { complain } from "${output}"; complain("first\\n" + String.fromCodePoint(0x9b, 0x202e, 0xd));`;
  const { stderr } = await run([program], [Deno.execPath(), "eval", "--quiet"]);
  assertEquals(stderr, "first\n\\u009b\\u202e\\u000d\n");
});

Deno.test("the zone of an address that a resolver found is printed without control characters", () => {
  for (const character of BAD) {
    const hostname = `fe80::1%${character}`;
    const target = { text: "name.example:80", hostname: "name.example", port: 80, isName: true };
    const base = { target, mode: "half-open", engine: "socket", dnsTime: 1, duration: 2 } as const;
    const address = { hostname, port: 80, family: 6 } as const;
    const result: CheckResult = { ...base, address, status: "refused", code: "ECONNREFUSED", errno: 111 };
    assertPrintable(new Columns([target], true).line(request(target, 0), result), hostname);
    assertPrintable(resultRecord(request(target, 0), result).address!, hostname);
  }
});

Deno.test("tcp-checker refuses a name with characters that IDNA drops, and says how to write it", async () => {
  const { code, stderr } = await run([`local\u200bhost:${closedPort().split(":")[1]}`]);
  assertEquals(code, 3);
  assertStringIncludes(stderr, String.raw`Cannot check "local\u200bhost:`);
  assertStringIncludes(stderr, "write the ASCII form of the name (xn--...)");
});
