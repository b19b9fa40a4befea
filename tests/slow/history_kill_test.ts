import { killWriters } from "../../monitor/tests/support/killed_writer.ts";

Deno.test("kill -9 a hundred times at random leaves a file that opens with every minute that was written", async () => {
  await killWriters(100);
});
