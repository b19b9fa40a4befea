/** Target list in files, read again after changes. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type { FileListConfiguration } from "../config/configuration.ts";
import { folderOf, matchingFiles } from "./file_pattern.ts";
import type { MonitorTarget } from "../target.ts";
import { readFailure } from "../read_failure.ts";
import { formatsAreEqual, type ListOwner, type TargetList } from "./target_list.ts";

/** Prometheus' default, for changes that the kernel doesn't report, such as on network file systems. */
const REFRESH_INTERVAL = 5 * 60_000;
/** Debounce time before a read, in ms, because an editor causes several changes. */
const SETTLE_TIME = 50;

/** The last successful read of a file. */
interface ReadFile {
  /** The text; absent if it was parsed in another format. */
  readonly text?: string;
  readonly targets: readonly MonitorTarget[];
}

/** A list of files. Without permission to read their folder, they are read only every `refresh_interval`. */
export class FileList implements TargetList {
  readonly name: string;
  readonly #configuration: FileListConfiguration;
  readonly #owner: ListOwner;
  #files = new Map<string, ReadFile>();
  #problems: string[] = [];
  #readAt: number | undefined;
  /** Watchers of folders, by path. */
  readonly #watchers = new Map<string, Deno.FsWatcher>();
  /** Timer of the next read. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /**
   * Whether a change has set the timer. Further changes don't reset it, so that endless changes can't delay the read.
   */
  #isSettling = false;
  /** The current read, and whether another read must follow. */
  #reading: Promise<void> | undefined;
  #isStale = false;
  #isEnded = false;

  /**
   * @param configuration The list's configuration.
   * @param owner Called after changes.
   * @param before A list of the same files, whose targets are kept for unreadable files.
   */
  constructor(configuration: FileListConfiguration, owner: ListOwner, before?: TargetList) {
    if (before instanceof FileList) {
      const isSameFormat = formatsAreEqual(before.#owner.format, owner.format);
      this.#files = isSameFormat
        ? before.#files
        : new Map(Array.from(before.#files, ([path, { targets }]) => [path, { targets }]));
    }
    this.#configuration = configuration;
    this.#owner = owner;
    this.name = configuration.files.join(", ");
  }

  get targets(): Iterable<MonitorTarget> {
    return this.#files.values().flatMap(({ targets }) => targets);
  }

  get size(): number {
    return this.#files.values().reduce((size, { targets }) => size + targets.length, 0);
  }

  get problem(): string | undefined {
    return this.#problems.length === 0 ? undefined : this.#problems.join("; ");
  }

  get readAt(): number | undefined {
    return this.#readAt;
  }

  async start(): Promise<void> {
    await this.#read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    await this.#reading;
  }

  /** Watches a folder instead of its files, because replacing a file changes the folder. */
  #watch(folder: string): void {
    try {
      const watcher = Deno.watchFs(folder, { recursive: false });
      this.#watchers.set(folder, watcher);
      this.#follow(watcher);
    } catch {
      // The folder can't be read or does not exist. The next read, after refresh_interval, retries.
    }
  }

  async #follow(watcher: Deno.FsWatcher): Promise<void> {
    for await (const { kind } of watcher) {
      // Accesses include the reads of this list.
      if (kind === "access" || this.#isSettling) continue;
      this.#isSettling = true;
      this.#readIn(SETTLE_TIME);
    }
  }

  #readIn(ms: number): void {
    if (this.#isEnded) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), ms);
  }

  async #read(): Promise<void> {
    if (this.#reading !== undefined) {
      this.#isStale = true;
      return;
    }
    do {
      this.#isStale = this.#isSettling = false;
      this.#reading = this.#readFiles();
      await this.#reading;
      this.#reading = undefined;
    } while (this.#isStale && !this.#isEnded);
    // A change during the read has set the timer already.
    if (!this.#isSettling) this.#readIn(this.#configuration.refreshInterval ?? REFRESH_INTERVAL);
  }

  async #readFiles(): Promise<void> {
    // Watches before reading, so that no change is missed.
    for (const folder of this.#configuration.files.map(folderOf)) if (!this.#watchers.has(folder)) this.#watch(folder);
    const problems: string[] = [];
    const files = new Map<string, ReadFile>();
    for (const pattern of this.#configuration.files) {
      try {
        for (const path of await matchingFiles(pattern)) {
          const file = await this.#readFile(path, problems);
          if (file !== undefined) files.set(path, file);
        }
      } catch (error) {
        // Without the folder the files are unknown, so their targets are kept.
        problems.push(`${quote(pattern)}: ${readFailure(error)}`);
        for (const [path, file] of this.#files) if (!files.has(path)) files.set(path, file);
      }
    }
    if (this.#isEnded) return;
    const isSame = problems.join() === this.#problems.join() && files.size === this.#files.size &&
      [...files].every(([path, file]) => this.#files.get(path) === file);
    this.#files = files;
    this.#problems = problems;
    this.#readAt = Date.now();
    if (!isSame) this.#owner.onRead();
  }

  /** Reads a file. If that fails, returns the result of the previous read. */
  async #readFile(path: string, problems: string[]): Promise<ReadFile | undefined> {
    const { format } = this.#owner;
    const before = this.#files.get(path);
    try {
      const text = await Deno.readTextFile(path);
      if (text === before?.text) return before;
      return { text, targets: await this.#owner.parse(text, { ...format, syntax: this.#syntaxOf(path) }) };
    } catch (error) {
      problems.push(`${quote(path)}: ${readFailure(error)}`);
      return before;
    }
  }

  #syntaxOf(path: string): "json" | "yaml" | "lines" {
    if (this.#configuration.type === "lines") return "lines";
    return path.endsWith(".json") ? "json" : "yaml";
  }
}
