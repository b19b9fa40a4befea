import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import coreConfig from "../../deno.json" with { type: "json" };
import fleetConfig from "../../fleet/deno.json" with { type: "json" };
import monitorConfig from "../../monitor/deno.json" with { type: "json" };
import config from "../deno.json" with { type: "json" };
import { parseCommand } from "../lib/command_line/parse_command.ts";
import { EXAMPLES, FIRST_EXAMPLES } from "../lib/command_line/examples.ts";
import { EXIT_TEXTS } from "../lib/exit_status.ts";
import { worksWith } from "../lib/command_line/flag.ts";
import { flags } from "../lib/command_line/flags.ts";
import { type Mode, NAMED_MODES } from "../lib/mode.ts";
import { manPage } from "../lib/command_line/man_page.ts";
import { FIELDS } from "../lib/reports/record.ts";
import { TargetSet } from "../lib/targets/target_set.ts";
import { COMMAND, commandWith } from "../../tests/support/command.ts";
import { testWith } from "../../tests/support/installed.ts";
import { run } from "../../tests/support/shared_command.ts";
import { Terminal } from "../../tests/support/terminal.ts";

const read = (path: string) => Deno.readTextFileSync(new URL(`../${path}`, import.meta.url));

Deno.test("tcp-checker --help names every option, mode and exit status, in lines of 102 characters at most", async () => {
  const { code, stdout, stderr } = await run(["--help"]);
  for (const [name, { short }] of flags()) {
    assertMatch(stdout, new RegExp(`^  ${short === undefined ? "   " : `-${short},`} --${name} `, "m"));
  }
  for (const mode of Object.keys(NAMED_MODES)) assertMatch(stdout, new RegExp(`^  tcp-checker ${mode} `, "m"));
  for (const [status] of EXIT_TEXTS) assertMatch(stdout, new RegExp(`^  ${status} `, "m"));
  for (const line of stdout.split("\n")) assert(line.length <= 102, line);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(await run(["-h", "not a target"]), { code, stdout, stderr });
});

Deno.test("tcp-checker --help starts with ten examples", async () => {
  const { stdout } = await run(["--help"]);
  const lines = stdout.split("\n");
  const start = lines.indexOf("Examples:") + 1;
  assertEquals([start, FIRST_EXAMPLES.length], [3, 10]);
  assertEquals(
    lines.slice(start, lines.indexOf("", start)),
    FIRST_EXAMPLES.flatMap(({ line, purpose }) => [`  ${line}`, `      ${purpose}`]),
  );
});

Deno.test("tcp-checker MODE --help has the options that work with the mode, and no others", async () => {
  for (const mode of Object.keys(NAMED_MODES)) {
    const { code, stdout, stderr } = await run([mode, "--help"]);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(await run(["help", mode]), { code, stdout, stderr });
    const argument = { history: "--database FILE", fleet: "apply FILE", hub: "--fleet URL" }[mode] ?? "TARGET";
    assertMatch(stdout, new RegExp(`^Usage:\n {2}tcp-checker ${mode} ${argument} `, "m"));
    assert(EXAMPLES.filter((example) => example.mode === mode).every(({ line }) => stdout.includes(`  ${line}\n`)));
    for (const [name, flag] of flags()) {
      const isShown = new RegExp(`^ {2}(?:-\\w,| {3}) --${name} `, "m").test(stdout);
      assertEquals(isShown, worksWith(flag, mode as Mode), `${mode} ${name}`);
    }
    for (const line of stdout.split("\n")) assert(line.length <= 102, line);
  }
  assertEquals(await run(["help"]), await run(["--help"]));
});

Deno.test("tcp-checker --help is styled on a terminal, except with NO_COLOR or TERM=dumb", async () => {
  const output = async (env: Record<string, string>) => {
    const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const line = ["env", "-u", "NO_COLOR", ...set, ...commandWith("--allow-env=TERM"), "wait", "--help"].join(" ");
    return (await run(["-qec", line, "/dev/null"], ["script"])).stdout.replaceAll("\r", "");
  };
  const styled = await output({ TERM: "xterm" });
  assertStringIncludes(styled, "\x1b[1m\x1b[4mUsage:");
  assertStringIncludes(styled, "\x1b[1m-t, --timeout TIME\x1b[22m");
  const { stdout } = await run(["wait", "--help"]);
  // deno-lint-ignore no-control-regex -- SGR sequences
  assertEquals(styled.replaceAll(/\x1b\[\d+m/g, ""), stdout);
  assertEquals(await output({ TERM: "xterm", NO_COLOR: "1" }), stdout);
  assertEquals(await output({ TERM: "dumb" }), stdout);
});

Deno.test("docs/help.md has the help of the command and of each mode", async () => {
  const page = read("docs/help.md");
  for (const args of [["--help"], ...Object.keys(NAMED_MODES).map((mode) => [mode, "--help"])]) {
    const { stdout } = await run(args);
    assertStringIncludes(page, `\`\`\`text\n${stdout}\`\`\`\n`);
    assertStringIncludes(page, `# tcp-checker ${args.join(" ")}\n`);
  }
});

Deno.test("the README has every exit status with its meaning", () => {
  const rows = [...read("README.md").matchAll(/^\| +(\d+) \| (.+?) +\|$/gm)].map(([, status, text]) => [status, text]);
  assertEquals(rows, EXIT_TEXTS.map(([status, text]) => [String(status), text]));
});

Deno.test("the examples of the README and the man page are valid command lines", () => {
  const readme = [...read("README.md").matchAll(/^tcp-checker (.+)$/gm)].map(([, line]) => line.replace(/ > .*/, ""));
  const man = EXAMPLES.map(({ line }) => line.replace("tcp-checker ", ""));
  assertEquals([readme.length, man.length], [14, 24]);
  for (const line of [...readme, ...man]) {
    const command = parseCommand(line.split(" "));
    const example = EXAMPLES.find((example) => example.line === `tcp-checker ${line}`);
    const [own] = typeof command === "object" ? Object.keys(command) : [];
    if (own === "history" || own === "fleet" || own === "hub") {
      if (example !== undefined) assertEquals(example.mode, own, line);
      continue;
    }
    assert(typeof command === "object" && "mode" in command, line);
    if (example !== undefined) assertEquals(command.mode, example.mode, line);
    const { texts, options } = command.sources;
    for (const text of texts) TargetSet.parse(text, options);
  }
});

Deno.test("the man page is up to date with the table of options", () => {
  assertEquals(read("docs/tcp-checker.1"), manPage(config.version));
});

testWith(["groff"], "groff renders the man page with every option, without warnings", async () => {
  // Without overstrikes, underlines and escapes.
  const { stdout, stderr } = await output("groff", ["-man", "-ww", "-Tascii", "-P-cbou", "cli/docs/tcp-checker.1"]);
  assertEquals(stderr, "");
  for (const [name, { short }] of flags()) {
    assertStringIncludes(stdout, short === undefined ? `       --${name}` : `       -${short}, --${name}`);
  }
});

Deno.test("docs/json.md names every field", () => {
  const text = read("docs/json.md");
  const schema = JSON.parse(read("docs/tcp-checker-1.schema.json"));
  for (
    const { properties } of [schema.$defs.result, schema.$defs.peer, schema.$defs.statistics, schema.$defs.summary]
  ) {
    for (const field of Object.keys(properties)) assertStringIncludes(text, `\`${field}\``);
  }
  const fleet = JSON.parse(read("docs/tcp-checker-fleet-1.schema.json"));
  for (const { properties = {} } of Object.values<{ properties?: object }>(fleet.$defs)) {
    for (const field of Object.keys(properties)) assertStringIncludes(text, `\`${field}\``);
  }
  assertStringIncludes(text.replaceAll("\n", " "), FIELDS.map((field) => `\`${field}\``).join(", "));
  // Fields without a column in CSV.
  const { type: _type, peer: _peer, ...columns } = schema.$defs.result.properties;
  assertEquals(Object.keys(columns), [...FIELDS]);
});

const COMPLETES = "completes options, values and modes by the script of --completions";
const WORDS: [before: string[], word: string, expected: string[]][] = [
  [[], "wa", ["wait", "watch"]],
  [[], "--re", ["--requests", "--resolve"]],
  [["--resolve"], "", ["all", "any", "first"]],
  [["watch", "--sort"], "t", ["target"]],
  [["--engine"], "", ["auto", "connect", "raw", "socket"]],
  [["--completions"], "", ["bash", "fish", "zsh"]],
  [["-f"], "READ", ["README.md"]],
  [["fleet"], "", ["apply", "list", "nats-config", "rollback", "status"]],
  [["fleet"], "ap", ["apply"]],
  [["fleet", "apply"], "READ", ["README.md"]],
];

testWith(["bash"], `bash ${COMPLETES}`, async () => {
  const { stdout: script } = await run(["--completions", "bash"]);
  const bash = ["bash", "--noprofile", "--norc", "-euc"];
  // By default bash's line editor treats the equals sign as a separate word.
  const withEquals: typeof WORDS = [
    [["--engine"], "=", ["auto", "connect", "raw", "socket"]],
    [["watch", "--sort", "="], "t", ["target"]],
    [["-f", "="], "READ", ["README.md"]],
    [[], "--engine=", ["--engine=auto", "--engine=connect", "--engine=raw", "--engine=socket"]],
    [["watch"], "--sort=t", ["--sort=target"]],
    [[], "--file=READ", ["--file=README.md"]],
  ];
  for (const [before, word, expected] of [...WORDS, ...withEquals]) {
    const words = ["tcp-checker", ...before, word];
    const ask = `${script}\nCOMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _tcp_checker; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = await run([ask, "bash", ...words], bash);
    assertEquals([stdout.trim().split("\n").sort(), stderr], [expected, ""]);
  }
});

testWith(["bash"], "bash completes a name with blanks as one word, and a directory with a slash", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { stdout: script } = await run(["--completions", "bash"]);
    await Deno.writeTextFile(`${folder}/completions`, `${script}\ntcp-checker() { printf '<%s>' "$@"; echo; }\n`);
    await Deno.mkdir(`${folder}/di r`);
    for (const file of ["my file", 'q"uo$te', "di r/in side"]) await Deno.writeTextFile(`${folder}/${file}`, "");
    const cases: [typed: string, words: string[]][] = [
      ["-f my\\ \t", ["-f", "my file"]],
      ["-f m\t", ["-f", "my file"]],
      ["-f 'my f\t", ["-f", "my file"]],
      ["--file=m\t", ["--file=my file"]],
      ["--file q\t", ["--file", 'q"uo$te']],
      // No blank follows a directory, so that the next word continues the path.
      ["-f di\tin\t", ["-f", "di r/in side"]],
      ["--file=di\tin\t", ["--file=di r/in side"]],
    ];
    for (const wordBreaks of ["", "COMP_WORDBREAKS=${COMP_WORDBREAKS//=/}; "]) {
      for (const [typed, words] of cases) {
        using terminal = new Terminal([], { command: ["bash", "--noprofile", "--norc", "-i"] });
        await terminal.type(`cd '${folder}'; ${wordBreaks}. ./completions; PS1=:; clear\n`);
        await terminal.until(/^:$/);
        await terminal.type(`tcp-checker ${typed}\n`);
        await terminal.until(/^<.*>$/m);
        assertEquals(terminal.screen[1], words.map((word) => `<${word}>`).join(""), `${wordBreaks}${typed}`);
        await terminal.type("exit\n");
        await terminal.ended();
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

testWith(["fish"], `fish ${COMPLETES}`, async () => {
  const { stdout: script } = await run(["--completions", "fish"]);
  for (const [before, word, expected] of WORDS) {
    const line = ["tcp-checker", ...before, word].join(" ");
    const result = await output("fish", ["--no-config", "-c", `${script}\ncomplete -C '${line}'`]);
    const words = result.stdout.trim().split("\n").map((line) => line.split("\t")[0]);
    assertEquals([words.sort(), result.stderr], [expected, ""]);
  }
});

testWith(["zsh"], `zsh ${COMPLETES}`, async () => {
  const { stdout: script } = await run(["--completions", "zsh"]);
  // zsh's completion system needs a terminal, so a stub prints the options that the system would get.
  const ask = `_arguments() { print -rl -- "$@" }; compdef() { print "compdef $*" }\n${script}\n_tcp_checker`;
  const result = await output("zsh", ["-f", "-c", ask]);
  assertEquals(result.stderr, "");
  const lines = result.stdout.split("\n");
  assertEquals(lines[0], "compdef _tcp_checker tcp-checker");
  for (const [name, { short, help }] of flags()) {
    const names = [`--${name}`, ...short === undefined ? [] : [`-${short}`]];
    for (const name of names) {
      const spec = lines.filter((line) => new RegExp(`^(?:\\*|\\(.*\\))${name}\\[`).test(line));
      assertEquals(spec.length, 1, name);
      assertStringIncludes(spec[0].replaceAll("\\", ""), `[${help.replaceAll("\\", "")}]`);
    }
  }
});

Deno.test("the command imports the public API of other members and its own files, and no npm package", () => {
  const walk = (folder: URL): URL[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? walk(new URL(`${name}/`, folder)) : [new URL(name, folder)]
    );
  const cli = new URL("../", import.meta.url);
  const files = [new URL("mod.ts", cli), ...walk(new URL("lib/", cli))];
  assert(files.length > 30);
  const exports = new Set(
    [coreConfig, monitorConfig, fleetConfig].flatMap(({ name, exports }) =>
      Object.keys(exports).map((path) => name + path.slice(1))
    ),
  );
  for (const file of files) {
    for (const [, specifier] of Deno.readTextFileSync(file).matchAll(/ from "(.+?)"/g)) {
      const allowed = specifier.startsWith(".")
        ? new URL(specifier, file).href.startsWith(cli.href)
        : specifier.startsWith("node:") || exports.has(specifier);
      assert(allowed, `${file.pathname} imports ${specifier}`);
    }
  }
  assert(COMMAND.includes("--allow-ffi") && !COMMAND.some((part) => /--allow-(?!ffi)/.test(part)));
});

/** Runs a program, by default in the root of the repository. */
async function output(program: string, args: string[], cwd: string | URL = new URL("../../", import.meta.url)) {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, cwd }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
