/** Cycles of imports between files, and between folders. */

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

Deno.test("imports of files have no cycle", () => {
  assert(imports.size > 300);
  assertEquals(cycles(imports), []);
});

Deno.test("imports of folders have no cycle, not even between a folder and its subfolders", () => {
  assertEquals(cycles(between(dirname)), []);
});

Deno.test("imports of the packages, the tools and the benchmark have no cycle", () => {
  const graph = between((path) => path.split("/")[0]);
  // The tools and the test support import each other.
  graph.delete("tests");
  assert(graph.size > 5);
  assertEquals(cycles(graph), []);
});

Deno.test("a cycle of imports is found", () => {
  assertEquals(cycles(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])), ["b -> c -> b"]);
});

/** The imports between groups of files. */
function between(groupOf: (path: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [file, imported] of imports) {
    const group = groupOf(file);
    groups.getOrInsertComputed(group, () => []).push(...imported.map(groupOf).filter((other) => other !== group));
  }
  return groups;
}

/** Finds cycles, by a depth-first search. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
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
