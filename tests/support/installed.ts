/** Programs that a test needs, and that may be missing. */

/** Whether a program is installed. */
export function isInstalled(program: string): boolean {
  const args = ["-c", `command -v ${program}`];
  return new Deno.Command("sh", { args, stdout: "null" }).outputSync().success;
}

/** Registers a test that needs programs. If one is missing it is skipped, with the reason in its name. */
export function testWith(programs: readonly string[], name: string, fn: () => Promise<void>): void {
  const missing = programs.find((program) => !isInstalled(program));
  if (missing === undefined) Deno.test(name, fn);
  else Deno.test({ name: `${name} (skipped, there is no ${missing})`, ignore: true, fn });
}
