/** The commands of the guide, run in its order. */

import { assertEquals, assertMatch } from "@std/assert";
import { OpenPort } from "../../../tests/support/listener.ts";
import { SERVER } from "../../../tools/nats/nats_server.ts";
import { eventually } from "../support/eventually.ts";
import { natsTest, newPlace } from "../support/nats_server.ts";
import { ProcessLog } from "../support/process_log.ts";

const ROOT = decodeURIComponent(new URL("../../../", import.meta.url).pathname);
const GUIDE = Deno.readTextFileSync(`${ROOT}fleet/docs/guide.md`);
/** The fenced blocks: their language and text. */
const BLOCKS = [...GUIDE.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language, text }));

/** A shell in its own folder that runs one block after the other. */
class Shell implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ProcessLog;
  #blocks = 0;

  constructor(folder: string) {
    this.#child = new Deno.Command("bash", {
      args: ["-u"],
      cwd: folder,
      env: { PATH: `${folder}/bin:${Deno.env.get("PATH")}`, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#output = new ProcessLog(this.#child.stdout);
  }

  /** Runs a block, and returns its output and the exit status of its last command. */
  async run(block: string): Promise<{ code: number; stdout: string }> {
    const { length } = this.#output.text;
    const end = `end-of-block-${this.#blocks++}`;
    // A background process must not inherit the shell's stdin.
    await this.#stdin.write(new TextEncoder().encode(`${block}\necho "${end} $?"\n`));
    await this.#output.until(new RegExp(`${end} \\d+\n`), length);
    const [, stdout, code] = new RegExp(`^(.*?)${end} (\\d+)\n`, "s").exec(this.#output.text.slice(length))!;
    return { code: Number(code), stdout };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode("kill $(jobs -p); wait\nexit\n"));
    await this.#stdin.close();
    await Promise.all([this.#child.status, this.#output.ended]);
  }
}

async function makeProgram(path: string, command: string): Promise<void> {
  await Deno.writeTextFile(path, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
}

natsTest("the guide's commands lead to three agents that agree about two targets", async () => {
  using open = new OpenPort();
  const { hostname, port } = newPlace();
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/bin`);
  await makeProgram(
    `${folder}/bin/tcp-checker`,
    `${Deno.execPath()} run --quiet --no-prompt --allow-all ${ROOT}cli/mod.ts`,
  );
  await makeProgram(`${folder}/bin/nats-server`, SERVER);
  {
    await using shell = new Shell(folder);
    for (const [i, { language, text }] of BLOCKS.entries()) {
      if (language !== "sh") continue;
      const commands = text.replaceAll("127.0.0.1:4222", `${hostname}:${port}`).replaceAll("127.0.0.1:22", open.target)
        .replaceAll("127.0.0.1:9116", `${hostname}:9116`)
        .replace("fleet nats-config ", `fleet nats-config --nats-listen ${hostname}:${port} `)
        .replace(/^(tcp-checker fleet (?!nats-config).*)$/gm, `$1 --fleet nats://${hostname}:${port}`);
      const run = async () => await shell.run(commands);
      let { code, stdout } = await run();
      if (commands.includes("fleet status")) {
        while (code !== 0 || !stdout.includes("3 agents")) ({ code, stdout } = await run());
        const { text } = BLOCKS[i + 1];
        assertEquals(stdout.replace(/[\da-f]{12}$/m, "0123456789ab"), text);
      }
      assertEquals(code, 0, `${commands}${stdout}`);
      if (commands.includes("fleet rollback")) {
        assertMatch(stdout, /in force: 1 target\n.*in force\n.*\nThe list \S+ is in force\n$/s);
      }
    }
    // The hub has received both changes of the list.
    const log = () => Deno.readTextFile(`${folder}/verdicts.log`);
    await eventually(log, (text) => / removed {2}nats .* added {2}nats /s.test(text));
  }
  await Deno.remove(folder, { recursive: true });
});
