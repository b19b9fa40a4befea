/** Imports run one way: between files, and between folders. */

import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "node:path/posix";

const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname);
const FOLDERS = ["lib", "cli", "monitor", "fleet", "tools", "bench", "tests/support"];

/** The files that each file imports, by paths from the root. */
const imports = new Map(
  FOLDERS.flatMap(sources).map((file) => {
    const text = Deno.readTextFileSync(`${ROOT}${file}`);
    const paths = text.matchAll(/(?: from |\bimport\(|\bimport )"(\.{1,2}\/[^"]+\.tsx?)"/g);
    return [file, [...paths].map(([, path]) => join(dirname(file), path))];
  }),
);

Deno.test("no file imports itself by way of others", () => {
  assert(imports.size > 300);
  assertEquals(circles(imports), []);
});

Deno.test("no folder imports itself by way of others: a folder imports from its subfolders, or they from it", () => {
  const folders = new Map<string, string[]>();
  for (const [file, imported] of imports) {
    const folder = dirname(file);
    const others = imported.map(dirname).filter((other) => other !== folder);
    folders.set(folder, [...folders.get(folder) ?? [], ...others]);
  }
  assertEquals(circles(folders), []);
});

Deno.test("a circle of imports is found", () => {
  assertEquals(circles(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])), ["b -> c -> b"]);
});

/** Finds circles, by a depth-first search. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]) => {
    if (path.includes(node)) found.push([...path.slice(path.indexOf(node)), node].join(" -> "));
    else if (!done.has(node)) {
      for (const next of graph.get(node) ?? []) visit(next, [...path, node]);
      done.add(node);
    }
  };
  for (const node of graph.keys()) visit(node, []);
  return found;
}

function sources(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}${folder}`)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return name === "tests" ? [] : sources(path);
    return /\.tsx?$/.test(path) ? [path] : [];
  });
}
