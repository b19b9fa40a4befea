/** Writes minutes to a history without a pause, `write_history.ts FILE FROM`, and prints each one that is committed. */

import { WrittenHistory } from "../support/written_history.ts";

const [file, from] = Deno.args;
const history = new WrittenHistory(file, 50);
const encoder = new TextEncoder();
for (let minute = Number(from);; minute += 60_000) {
  history.write(minute);
  Deno.stdout.writeSync(encoder.encode(`${minute}\n`));
}
