/** Paths whose last component may contain one `*`. */

/**
 * Lists the files that match a path.
 *
 * @param pattern The path.
 * @returns The path itself, or the files that match, sorted.
 */
export async function matchingFiles(pattern: string): Promise<string[]> {
  if (!pattern.includes("*")) return [pattern];
  const [before, after] = nameOf(pattern).split("*");
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folderOf(pattern))) {
    const matches = name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
    // As in a shell, `*` doesn't match a leading dot.
    if (matches && !isDirectory && (before !== "" || !name.startsWith("."))) files.push(prefixOf(pattern) + name);
  }
  return files.sort();
}

/** Returns the folder of the files that match a path. */
export function folderOf(pattern: string): string {
  return prefixOf(pattern).replace(/(?<=.)\/$/, "") || ".";
}

function prefixOf(pattern: string): string {
  return pattern.slice(0, pattern.lastIndexOf("/") + 1);
}

function nameOf(pattern: string): string {
  return pattern.slice(pattern.lastIndexOf("/") + 1);
}
