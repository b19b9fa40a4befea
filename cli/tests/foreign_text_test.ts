import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { flags } from "../lib/command_line/flags.ts";
import { LineFormatter } from "../lib/reports/line_formatter.ts";
import { resultRecord } from "../lib/reports/record.ts";
import { checkRequest } from "../lib/target.ts";
import { COMMAND, commandWith, type Ended } from "../../tests/support/command.ts";
import { runEach } from "../../tests/support/command_process.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { proves } from "../../tests/support/evidence.ts";
import { run } from "../../tests/support/shared_command.ts";

/** Control and format characters, line separators and lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
/** Unprintable characters that an argument may have: all but NUL and lone surrogates. */
const BAD = Array.from({ length: 0x110000 }, (_, i) => String.fromCodePoint(i))
  .filter((character) => UNPRINTABLE.test(character) && !/[\0\p{Cs}]/u.test(character));
/** Bad characters per text: few, because quoting truncates long texts. */
const BAD_PER_TEXT = 5;

/** Returns a text with the next bad characters. */
let place = 0;
function bad(): string {
  const characters = Array.from({ length: BAD_PER_TEXT }, () => BAD[place++ % BAD.length]);
  return `a${characters.join("")}z`;
}

/** Asserts that a text has no unprintable characters except line ends. */
function assertPrintable(text: string, shown: string): void {
  for (const line of text.split(/\r?\n/)) assert(!UNPRINTABLE.test(line), `${shown}: ${JSON.stringify(line)}`);
}

Deno.test("tcp-checker prints no control or format character of any argument, file or name", async (t) => {
  using open = new OpenPort();
  const good = open.target;
  const folder = await Deno.makeTempDir();
  // With these permissions Deno's own error messages occur too.
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
      "a valid configuration": (text) => [["monitor", "--check-config", "--config", `${folder}/${text}.yml`], able],
      "a malformed configuration": (text) => [["monitor", "--config", `${folder}/${text}.yml`], able],
      "a history": (text) => [["history", "--database", `${folder}/${text}`], able],
      "an id of a history": (text) => [["history", "--database", `${folder}/lines`, text], able],
      "an action of the fleet": (text) => [["fleet", text], able],
      "a list of the fleet": (text) => [["fleet", "apply", `${folder}/${text}`], able],
      "the configuration": (text) => [["-v", "-f", `${folder}/lines`, "-f", `${folder}/${text}`], able],
      ...Object.fromEntries(
        flags().filter(([, { value }]) => value !== undefined)
          .map(([name]) => [`a value of --${name}`, (text) => [[good, `--${name}=${text}`]]]),
      ),
    };
    await Deno.writeTextFile(`${folder}/lines`, `${good}\n`);
    const cases: { name: string; args: string[]; command: readonly string[]; input?: string; ended?: Ended }[] = [];
    for (const [name, make] of Object.entries(places)) {
      for (const format of [[], ["--nagios"]]) {
        const text = bad();
        // The message about this malformed line contains the name of the file.
        if (name === "the configuration") await Deno.writeTextFile(`${folder}/${text}`, `malformed\n`);
        if (name === "a valid configuration") await Deno.writeTextFile(`${folder}/${text}.yml`, `targets: []\n`);
        if (name === "a malformed configuration") await Deno.writeTextFile(`${folder}/${text}.yml`, `- ${text}\n`);
        if (name === "a file that is none") await Deno.mkdir(`${folder}/${text}`);
        const [args, command = COMMAND, input] = make(text);
        cases.push({ name, args: [...format, ...args], command, input });
      }
    }
    for (const command of [COMMAND, able]) {
      const alike = cases.filter((one) => one.command === command && one.input === undefined);
      const ended = await runEach(alike.map(({ args }) => args), command);
      alike.forEach((one, i) => one.ended = ended[i]);
    }
    for (const [name, ofPlace] of Map.groupBy(cases, ({ name }) => name)) {
      await t.step(name, async () => {
        for (const { args, command, input, ended } of ofPlace) {
          const { code, stdout, stderr } = ended ?? await run(args, command, input);
          assertPrintable(stdout + stderr, JSON.stringify(args));
          // The command reports each error, not Deno.
          assert(stdout + stderr !== "", JSON.stringify(args));
          assert(code !== 1, `${code} ${stderr}`);
        }
      });
    }
    proves(
      t,
      "input",
      `${cases.length} command lines and files with control and format characters: none of them is printed`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tcp-checker reports an argument with line ends in one line", async () => {
  const configuration = ["monitor", "--check-config", "--config", "a\nb"];
  const targets = [["--a\nb"], ["-f", "-a\nb"], ["a\nb:80"], ["--nagios", "--a\nb"], ["--nagios", "a\nb:80"]];
  for (const args of [...targets, configuration]) {
    const { stdout, stderr } = await run(args, commandWith("--allow-read"));
    assertMatch(stdout + stderr, /^[^\n]+\n$/);
  }
});

for (const [name, stream] of [["print", "stdout"], ["printError", "stderr"]] as const) {
  Deno.test(`${name}() escapes control and format characters except line ends`, async () => {
    const output = new URL("../lib/output.ts", import.meta.url);
    const program =
      `import { ${name} } from "${output}"; ${name}("first\\n" + String.fromCodePoint(0x9b, 0x202e, 0xd));`;
    const ended = await run([program], [Deno.execPath(), "eval", "--quiet"]);
    assertEquals(ended[stream], "first\n\\u009b\\u202e\\u000d\n");
  });
}

Deno.test("the zone of a resolved address is printed without control characters", () => {
  for (const character of BAD) {
    const hostname = `fe80::1%${character}`;
    const target = { text: "name.example:80", hostname: "name.example", port: 80, isName: true };
    const base = { target, mode: "half-open", engine: "socket", dnsTime: 1, duration: 2 } as const;
    const address = { hostname, port: 80, family: 6 } as const;
    const result: CheckResult = { ...base, address, status: "refused", code: "ECONNREFUSED", errno: 111 };
    assertPrintable(new LineFormatter([target], true).format(checkRequest(target, 0), result), hostname);
    assertPrintable(resultRecord(checkRequest(target, 0), result).address!, hostname);
  }
});

Deno.test("tcp-checker rejects a name with characters that IDNA drops, and asks for its ASCII form", async () => {
  const { code, stderr } = await run([`local\u200bhost:${closedPort().split(":")[1]}`]);
  assertEquals(code, 3);
  assertStringIncludes(stderr, String.raw`Cannot check "local\u200bhost:`);
  assertStringIncludes(stderr, "write the ASCII form of the name (xn--...)");
});
