/** What the benchmark finds on the machine, and what it has built. */

/** How a benchmark is run. */
export interface Setting {
  /** Whether each contestant runs in a network namespace of its own. */
  readonly isolated: boolean;
  /** How often each has its turn. */
  readonly rounds: number;
  /** By what the numbers of checks are multiplied. */
  readonly scale: number;
}

/** Makes a network namespace. */
export const UNSHARE = ["unshare", "--user", "--map-root-user", "--net"];

/** Builds the bare loop and gives its path. */
export async function bareLoop(): Promise<string> {
  const args = ["build", "--release", "--locked", "--quiet", "--package", "tcp_shaker", "--example", "bare_loop"];
  const { success } = await new Deno.Command("cargo", { args, stdout: "inherit", stderr: "inherit" }).output();
  if (!success) throw new Error("Cannot build the bare loop");
  return decodeURIComponent(new URL("../target/release/examples/bare_loop", import.meta.url).pathname);
}

/** Finds tcp-shaker's command. */
export async function findPeer(): Promise<string | undefined> {
  const command = Deno.env.get("TCP_CHECKER") ?? "tcp-checker";
  return await runs(command, "-h") ? command : undefined;
}

/** Whether network namespaces can be made. */
export async function canIsolate(): Promise<boolean> {
  const [command, ...args] = UNSHARE;
  return await runs(command, ...args, "ip", "link", "set", "lo", "up");
}

/** The machine and the versions, as Markdown. */
export function machine(command: string): string {
  const cpu = /^model name\s*: (.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  return [
    `- Machine: ${cpu}, ${navigator.hardwareConcurrency} cores; Linux ${Deno.osRelease()}; Deno ${Deno.version.deno}`,
    `- Command: \`${command}\``,
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
  ].join("\n");
}

async function runs(command: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
