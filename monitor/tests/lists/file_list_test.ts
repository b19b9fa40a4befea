/** Files of targets in an agent: patterns, changes, and files that can't be read. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Agent } from "../../lib/agent/mod.ts";
import { FileList } from "../../lib/lists/file_list.ts";
import { AgentFile } from "../support/agent_file.ts";

const ids = (agent: Agent) => [...agent.monitor.states()].map(({ id }) => id).sort();
const group = (...targets: string[]) => JSON.stringify([{ targets }]);

Deno.test("an agent follows the files of file_sd_configs", async () => {
  await using file = new AgentFile("");
  const { folder } = file;
  const write = (name: string, text: string) => Deno.writeTextFileSync(`${folder}/${name}`, text);
  write("web-1.json", group("127.0.0.1:1"));
  write("web-2.json", group("127.0.0.1:2", "127.0.0.1:1"));
  write("db.yml", "- targets: [127.0.0.1:3]");
  write("other.json", group("127.0.0.1:4"));
  file.write(`
targets: [127.0.0.1:2]
file_sd_configs: [{ files: ["${folder}/web-*.json", "${folder}/db.yml"] }]`);
  await using agent = await file.start();
  assertEquals(ids(agent), ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"]);
  assertEquals(agent.lists().map(({ targets, duplicates, problem }) => [targets, duplicates, problem]), [
    [4, 2, undefined],
  ]);
  assertEquals(file.events, []);

  // An atomic change, by a rename over the file.
  const has = (id: string) => () => ids(agent).includes(id);
  write("new", group("127.0.0.1:5"));
  Deno.renameSync(`${folder}/new`, `${folder}/web-1.json`);
  await file.until(has("127.0.0.1:5"));
  // A file is added, and another one is removed.
  write("web-3.json", group("127.0.0.1:6"));
  await file.until(has("127.0.0.1:6"));
  Deno.removeSync(`${folder}/web-3.json`);
  await file.until(() => !has("127.0.0.1:6")());
  assertEquals(ids(agent), ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:5"]);

  // A truncated file keeps its previous targets, and is reported; the other files are still read.
  write("web-1.json", "[{");
  await file.until(() => file.messages.length > 0);
  assertStringIncludes(file.messages[0], `"${folder}/web-1.json": Invalid JSON`);
  assertStringIncludes(agent.lists()[0].problem!, "Invalid JSON");
  assertEquals(has("127.0.0.1:5")(), true);
  // A reload keeps these targets, too, although another option of the list changes.
  file.write(`
targets: [127.0.0.1:2]
file_sd_configs: [{ files: ["${folder}/web-*.json", "${folder}/db.yml"], refresh_interval: 61s }]`);
  assertEquals((await agent.reload()).isSuccessful, true);
  assertEquals(has("127.0.0.1:5")(), true);
  write("db.yml", "[]");
  await file.until(() => !has("127.0.0.1:3")());
  assertEquals(has("127.0.0.1:5")(), true);
  write("web-1.json", group("127.0.0.1:7"));
  await file.until(has("127.0.0.1:7"));
  assertEquals([ids(agent), agent.lists()[0].problem], [["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:7"], undefined]);
});

Deno.test("a list without files is a problem, and the agent starts", async () => {
  await using file = new AgentFile("");
  file.write(`target_files: [{ files: ["${file.folder}/missing.txt"] }]`);
  await using agent = await file.start();
  assertStringIncludes(agent.lists()[0].problem!, "there is no such file");
  Deno.writeTextFileSync(`${file.folder}/missing.txt`, "127.0.0.1:1\n");
  await file.until(() => agent.monitor.size === 1);
  assertEquals(agent.lists()[0].problem, undefined);
});

Deno.test("a folder that is created after the start is watched from the next read on", async () => {
  await using file = new AgentFile("");
  const { folder } = file;
  const write = (name: string, text: string) => Deno.writeTextFileSync(`${folder}/${name}`, text);
  write("a.txt", "127.0.0.1:1\n");
  file.write(`target_files: [{ files: ["${folder}/a.txt", "${folder}/late/*.txt"], refresh_interval: 1h }]`);
  await using agent = await file.start();
  Deno.mkdirSync(`${folder}/late`);
  write("a.txt", "127.0.0.1:1\n127.0.0.1:2\n");
  await file.until(() => agent.monitor.size === 2);
  write("late/b.txt", "127.0.0.1:3\n");
  await file.until(() => agent.monitor.size === 3);
});

Deno.test("a change during a read starts another read", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/targets.txt`;
  Deno.writeTextFileSync(path, "127.0.0.1:1");
  const { promise: changed, resolve } = Promise.withResolvers<void>();
  const texts: string[] = [];
  const list = new FileList({ type: "lines", files: [path] }, {
    format: { groups: {}, defaults: {} },
    onRead: () => texts.at(-1) === "127.0.0.1:2" && resolve(),
    async parse(text) {
      texts.push(text);
      if (texts.length > 1) return [];
      // The list notices the change before this read ends.
      using watcher = Deno.watchFs(folder);
      Deno.writeTextFileSync(path, "127.0.0.1:2");
      for await (const _ of watcher) break;
      await new Promise((resolve) => setTimeout(resolve, 0));
      return [];
    },
  });
  await list.start();
  await changed;
  await list[Symbol.asyncDispose]();
  Deno.removeSync(folder, { recursive: true });
});
