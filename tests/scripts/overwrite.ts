/**
 * Overwrites the sealed files of another process of the same user, each at a random time after it was made. Prints the
 * outcome of each attempt.
 */

import { readInput } from "../support/script.ts";

const { pid, name, text, within } = readInput<{
  pid: number;
  name: string;
  text: string;
  /** The maximum age of a file in ms. */
  within: number;
}>();
const bytes = new TextEncoder().encode(text);
const folder = `/proc/${pid}/fd`;
/** When to overwrite each file, by inode. */
const due = new Map<number | null, number>();
let last = "";

while (true) {
  for (const { name: descriptor } of Deno.readDirSync(folder)) {
    const path = `${folder}/${descriptor}`;
    try {
      if (!Deno.readLinkSync(path).startsWith(`/memfd:${name}`)) continue;
      using file = Deno.openSync(path, { read: true, write: true });
      const { ino } = file.statSync();
      if (!due.has(ino)) due.set(ino, performance.now() + Math.random() * within);
      if (performance.now() < due.get(ino)!) continue;
      file.writeSync(bytes);
      tell(`overwritten ${ino}`);
    } catch (error) {
      // The file is already closed, or sealed.
      if (error instanceof Deno.errors.PermissionDenied) tell("refused");
    }
  }
}

function tell(line: string): void {
  if (line !== last) Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  last = line;
}
