/** Lists whose text is the same are not parsed again. */

import { assertEquals } from "@std/assert";
import { parseConfiguration } from "../../lib/config/mod.ts";
import type { Configuration } from "../../lib/config/configuration.ts";
import { TargetLists } from "../../lib/lists/target_lists.ts";
import { LOCAL_PARSER, type Parser } from "../../lib/parsing/parser.ts";

/** A parser that counts the lists that it parses. */
class CountingParser implements Parser {
  readonly configuration = LOCAL_PARSER.configuration;
  readonly places = LOCAL_PARSER.places;
  lists = 0;

  list(...args: Parameters<Parser["list"]>): ReturnType<Parser["list"]> {
    this.lists++;
    return LOCAL_PARSER.list(...args);
  }
}

Deno.test("a reload parses files of targets only if they or their options have changed", async () => {
  const folder = await Deno.makeTempDir();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const path = `${folder}/targets.txt`;
  const text = (fall: number) =>
    `groups: { web: { fall: ${fall} } }\ntarget_files: [{ files: ["${path}"], group: web }]\n`;
  const parser = new CountingParser();
  let lists: TargetLists | undefined;
  const open = async (configuration: Configuration) => {
    lists = stack.use(await TargetLists.open(configuration, parser, lists));
    return [...lists.merge([])];
  };
  const target = (target: string, fall: number) => ({ fall, group: "web", target });

  await Deno.writeTextFile(path, "127.0.0.1:1\n127.0.0.1:2\n");
  const first = await open(await parseConfiguration(text(3)));
  assertEquals(first, [target("127.0.0.1:1", 3), target("127.0.0.1:2", 3)]);
  assertEquals(await open(await parseConfiguration(text(3))), first);
  assertEquals(parser.lists, 1);
  assertEquals(await open(await parseConfiguration(text(4))), [target("127.0.0.1:1", 4), target("127.0.0.1:2", 4)]);
  assertEquals(parser.lists, 2);
  await Deno.writeTextFile(path, "127.0.0.1:3\n");
  assertEquals(await open(await parseConfiguration(text(4))), [target("127.0.0.1:3", 4)]);
  assertEquals(parser.lists, 3);
});

Deno.test("an unchanged body of http_sd is not parsed again, and sets no targets", async () => {
  let [requests, port] = [0, 1];
  const fourth = Promise.withResolvers<void>();
  const answer = () => {
    if (++requests === 4) fourth.resolve();
    return Response.json([{ targets: [`127.0.0.1:${port}`] }]);
  };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const configuration = await parseConfiguration(`http_sd_configs: [{ url: "${url}", refresh_interval: 100ms }]`);
  const parser = new CountingParser();
  await using lists = await TargetLists.open(configuration, parser);
  let reads = 0;
  const changed = Promise.withResolvers<void>();
  lists.follow(() => {
    reads++;
    changed.resolve();
  });
  await fourth.promise;
  // The owner has received the first read.
  assertEquals([parser.lists, reads], [1, 0]);
  port = 2;
  await changed.promise;
  assertEquals([parser.lists, [...lists.merge([])]], [2, ["127.0.0.1:2"]]);
});
