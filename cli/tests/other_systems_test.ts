/** The command on other systems than Linux, simulated: a preloaded module switches `Deno.build.os`. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CommandProcess } from "../../tests/support/command_process.ts";
import { OpenPort } from "../../tests/support/listener.ts";

const COMMAND = new URL("../mod.ts", import.meta.url).href;

for (const os of ["darwin", "windows"]) {
  Deno.test(`tcp-checker on ${os} makes full connects with only --allow-net, and marks them in every format`, async () => {
    using open = new OpenPort();
    const preload = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(
      preload,
      `Object.defineProperty(Deno, "build", { value: { ...Deno.build, os: "${os}" } });`,
    );
    const command = [Deno.execPath(), "run", "--no-prompt", "--allow-net", "--preload", preload, COMMAND];
    try {
      await using process = new CommandProcess(command);
      const outputs: [args: string[], stdout: RegExp][] = [
        [[open.target], / up .* full connect\n$/],
        [["-a", open.target], /\n {2}Full connects: 1\n$/],
        [["--json", open.target], /"mode":"full","engine":"connect"/],
        [["--nagios", open.target], /^TCP OK - 1\/1 up, 1 by full connects \| /],
        [["wait", open.target], / up .* full connect\n/],
        [["--threads", "2", open.target], / full connect\n$/],
      ];
      for (const [args, expected] of outputs) {
        const { code, stdout, stderr } = await process.run(args);
        assertMatch(stdout, expected, args.join(" "));
        assertEquals(code, 0, stderr);
        assertStringIncludes(stderr, "tcp-checker: Half-open checks are not possible here: using full connects");
      }
      for (const args of [["--fallback", "error"], ["--engine", "socket"], ["--engine", "raw"], ["--tos", "4"]]) {
        const { code, stdout, stderr } = await process.run([...args, open.target]);
        assertEquals([code, stdout], [4, ""], args.join(" "));
        assertStringIncludes(stderr, `half-open checks need Linux, this is ${os}`);
      }
    } finally {
      await Deno.remove(preload);
    }
  });
}
