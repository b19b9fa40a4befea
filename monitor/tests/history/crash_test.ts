import { killWriters } from "../support/killed_writer.ts";

Deno.test("kill -9 at random leaves a file that opens with every minute that was written (5 of 100)", async () => {
  await killWriters(5);
});
