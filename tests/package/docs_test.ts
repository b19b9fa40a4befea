/** The links of the documents to files and headings of this repository. */

import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../..", import.meta.url);

/** Folders of the documents. */
const FOLDERS = ["./", "docs/", "bench/", "cli/", "cli/docs/", "monitor/", "monitor/docs/", "fleet/", "fleet/docs/"];

const documents = FOLDERS.flatMap((folder) =>
  [...Deno.readDirSync(new URL(folder, ROOT))].filter(({ name }) => name.endsWith(".md")).map(({ name }) =>
    new URL(`${folder}${name}`, ROOT)
  )
);

for (const document of documents) {
  const name = document.href.slice(ROOT.href.length);
  Deno.test(`the links of ${name} lead to files and headings that exist`, async () => {
    assertEquals(await brokenLinks(document), []);
  });
}

Deno.test("a broken link is found", async () => {
  assert(documents.length > 0);
  const folder = await Deno.makeTempDir();
  try {
    const document = new URL(`file://${folder}/a.md`);
    const text =
      "# One `two`\n[a](./a.md#one-two) [b](./b.md) [c](#three) [d](https://example.com/)\n[f]: ./f.md\n```\n[e](./e.md)\n```\n";
    await Deno.writeTextFile(document, text);
    assertEquals(await brokenLinks(document), ["./b.md", "#three", "./f.md"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the files and folders that CONTRIBUTING.md names exist", async () => {
  const { stdout } = await new Deno.Command("git", { args: ["ls-files"], cwd: ROOT }).output();
  const files = new TextDecoder().decode(stdout).split("\n").map((file) => `/${file}`);
  const text = await Deno.readTextFile(new URL("CONTRIBUTING.md", ROOT));
  // A short path is in a folder that its row names. Builds are not in git.
  const paths = [...text.matchAll(/`([\w.-]+\/[\w./-]*)`/g)].map(([, path]) => path)
    .filter((path) => !/^target\/|\/bundle\/$/.test(path));
  assert(paths.length > 40);
  assertEquals(paths.filter((path) => !files.some((file) => file.includes(`/${path}`))), []);
});

/** Returns the broken links of a document: to a missing file or heading. Links to other sites are not followed. */
async function brokenLinks(document: URL): Promise<string[]> {
  const broken: string[] = [];
  for (const [, link] of prose(await Deno.readTextFile(document)).matchAll(/\](?:\(|: +)([^)\s]+)/g)) {
    const url = new URL(link, document);
    if (url.protocol === "file:" && !(await exists(url))) broken.push(link);
  }
  return broken;
}

async function exists(url: URL): Promise<boolean> {
  try {
    if (url.hash === "") return (await Deno.stat(url)) !== undefined;
    return headings(await Deno.readTextFile(url)).includes(url.hash.slice(1));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The anchors of headings, as GitHub makes them. */
function headings(text: string): string[] {
  return [...prose(text).matchAll(/^#+ +(.*)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

/** Removes code blocks. */
function prose(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, "");
}
