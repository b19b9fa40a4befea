/** Programs that use the module, as a user would write them. */

export const MODULE = new URL("../../mod.ts", import.meta.url).href;

/** Runs a script with only `--allow-ffi`, or with other permissions or another command. */
export async function run(
  script: string,
  flags = ["--allow-ffi"],
  module: string = MODULE,
  wrapper: readonly string[] = [],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      file,
      `import { Checker, checkAddr, defaultChecker, isReachable } from ${JSON.stringify(module)};\n${script}`,
    );
    const [program, ...args] = [...wrapper, Deno.execPath(), "run", "--no-prompt", ...flags, file];
    const command = new Deno.Command(program, {
      args,
      env: { NO_COLOR: "1" },
      stdin: "null",
    });
    const { code, stdout, stderr } = await command.output();
    return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(file);
  }
}
