/**
 * Overwrites the sealed files of another process of the same user as soon as they exist. Prints the outcome of each
 * attempt.
 */

import { readInput } from "../support/script.ts";

const { pid, name, text } = readInput<{ pid: number; name: string; text: string }>();
const bytes = new TextEncoder().encode(text);
const folder = `/proc/${pid}/fd`;
let last = "";

while (true) {
  for (const { name: descriptor } of Deno.readDirSync(folder)) {
    const path = `${folder}/${descriptor}`;
    try {
      if (!Deno.readLinkSync(path).startsWith(`/memfd:${name}`)) continue;
      using file = Deno.openSync(path, { read: true, write: true });
      const { ino } = file.statSync();
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
