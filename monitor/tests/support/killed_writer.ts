/** Process that writes a history and is killed repeatedly (SIGKILL). */

import { assert, assertEquals } from "@std/assert";
import { OwnedDatabase } from "../../lib/history/database.ts";
import { HistoryFolder } from "./recorded_monitor.ts";

const SCRIPT = new URL("../scripts/write_history.ts", import.meta.url).pathname;
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;
const MINUTE = 60_000;
const TARGETS = 50;

/** Kills a writer at random times, and asserts that the file has each committed minute completely. */
export async function killWriters(kills: number): Promise<void> {
  using folder = new HistoryFolder();
  let next = Date.UTC(2026, 9, 1);
  for (let kill = 0; kill < kills; kill++) {
    const committed = await killOne(folder.file, next, Math.random() * 200);
    using owned = new OwnedDatabase(folder.file);
    const check = owned.db.prepare("PRAGMA integrity_check").get()!;
    assertEquals(Object.values(check), ["ok"]);
    const { last } = owned.db.prepare("SELECT max(t) AS last FROM minutes").get()!;
    const lastMinute = Number(last) * MINUTE;
    // The minute that it was about to print may also be there.
    assert(lastMinute === committed || lastMinute === committed + MINUTE, `${lastMinute} ${committed}`);
    const { count } = owned.db.prepare("SELECT count(*) AS count FROM minutes WHERE t = ?").get(last)!;
    assertEquals(count, TARGETS);
    next = lastMinute + MINUTE;
  }
}

/**
 * Lets a writer commit a minute, kills it after a further time in ms, and returns the last minute that it has printed.
 */
async function killOne(file: string, from: number, delay: number): Promise<number> {
  const args = ["run", "--quiet", "--no-check", "--config", CONFIG, `--allow-read`, `--allow-write`, SCRIPT];
  const command = new Deno.Command(Deno.execPath(), { args: [...args, file, String(from)], stdout: "piped" });
  await using child = command.spawn();
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (text === "") setTimeout(() => child.kill("SIGKILL"), delay);
    text += chunk;
  }
  const lines = text.split("\n").slice(0, -1);
  return Number(lines.at(-1));
}
