/**
 * Writes the documents that are made from the command's tables: the man page and the help page; and the JSON Schema of an
 * agent's configuration.
 *
 * With `--check` it writes nothing, and fails if a file is stale.
 */

import config from "../cli/deno.json" with { type: "json" };
import { configurationSchema } from "./docs/configuration_schema.ts";
import { helpPage } from "../cli/lib/command_line/help.ts";
import { manPage } from "../cli/lib/command_line/man_page.ts";
import { readText } from "./files/read_text.ts";

const ROOT = new URL("../", import.meta.url);

const check = Deno.args.includes("--check");
let isStale = false;

update("cli/docs/tcp-checker.1", manPage(config.version));
update("cli/docs/help.md", helpPage());
update("monitor/docs/tcp-checker-config-1.schema.json", configurationSchema());
if (isStale && check) Deno.exit(1);

function update(path: string, text: string): void {
  const url = new URL(path, ROOT);
  if (readText(url) === text) return;
  isStale = true;
  if (check) console.error(`${path} is not up to date: run deno task docs`);
  else Deno.writeTextFileSync(url, text);
}
