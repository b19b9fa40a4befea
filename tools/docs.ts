/**
 * Writes what is made from the command's tables: its man page, and its help in cli/README.md.
 *
 * With `--check` it writes nothing, and fails if they are not up to date.
 */

import config from "../cli/deno.json" with { type: "json" };
import { HELP } from "../cli/lib/help.ts";
import { manPage } from "../cli/lib/man_page.ts";

const ROOT = new URL("../", import.meta.url);
/** The block of the README that has the help. */
const HELP_BLOCK = /(?<=^```text\n)Checks whether TCP ports answer[^]*?(?=\n```$)/m;

const check = Deno.args.includes("--check");
let stale = false;

update("cli/docs/tcp-checker.1", () => manPage(config.version));
update("cli/README.md", (readme) => {
  if (!HELP_BLOCK.test(readme)) throw new Error("Cannot find the help in cli/README.md");
  return readme.replace(HELP_BLOCK, () => HELP);
});
if (stale && check) Deno.exit(1);

function update(path: string, change: (text: string) => string): void {
  const url = new URL(path, ROOT);
  const before = Deno.readTextFileSync(url);
  const after = change(before);
  if (before === after) return;
  stale = true;
  if (check) console.error(`${path} is not up to date: run deno task docs`);
  else Deno.writeTextFileSync(url, after);
}
