/** File system of a few megabytes, in its own mount namespace. */

import { ProcessLog } from "./process_log.ts";

export class SmallDisk implements AsyncDisposable {
  readonly folder: string;
  readonly #holder: Deno.ChildProcess;

  private constructor(folder: string, holder: Deno.ChildProcess) {
    this.folder = folder;
    this.#holder = holder;
  }

  /** Creates a file system of a size in MB. */
  static async make(megabytes: number): Promise<SmallDisk> {
    const folder = await Deno.makeTempDir();
    const script = `mount -t tmpfs -o size=${megabytes}m tmpfs ${folder}; echo mounted; exec sleep infinity`;
    const holder = new Deno.Command("unshare", {
      args: ["--user", "--map-root-user", "--mount", "sh", "-euc", script],
      stdout: "piped",
    }).spawn();
    const log = new ProcessLog(holder.stdout);
    const disk = new SmallDisk(folder, holder);
    await log.until(/mounted/);
    return disk;
  }

  /** Runs a command where the file system is mounted. */
  get wrapper(): string[] {
    return ["nsenter", "-t", String(this.#holder.pid), "-U", "-m", "--preserve-credentials"];
  }

  /** Enlarges it. */
  async grow(megabytes: number): Promise<void> {
    const [program, ...args] = [...this.wrapper, "mount", "-o", `remount,size=${megabytes}m`, this.folder];
    const { success, stderr } = await new Deno.Command(program, { args }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#holder.kill("SIGKILL");
    await this.#holder.status;
    await Deno.remove(this.folder, { recursive: true });
  }
}
