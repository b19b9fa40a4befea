/** Completions of shells, by the script of --completions. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { flags } from "../lib/command_line/flags.ts";
import { testWith } from "../../tests/support/installed.ts";
import { run } from "../../tests/support/shared_command.ts";
import { Terminal } from "../../tests/support/terminal.ts";
import { output } from "./support/program_output.ts";

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
