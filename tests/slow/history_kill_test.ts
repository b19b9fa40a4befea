import { killWriters } from "../../monitor/tests/support/killed_writer.ts";

Deno.test("after a hundred SIGKILLs at random times the file opens with every minute that was written", async () => {
  await killWriters(100);
});
