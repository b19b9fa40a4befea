/** Patches, applied by git, in a repository or in a copy of its files. */

import { dirname } from "node:path";

/**
 * Applies a patch.
 *
 * @param folder The files that it changes.
 * @param patch The path of the patch.
 * @param flags More of `git apply`'s: `--check`, `--reverse`.
 * @throws {Error} If it doesn't apply, with what git said.
 */
export async function applyPatch(folder: string, patch: string, ...flags: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", {
    args: ["apply", ...flags, patch],
    cwd: folder,
    // Below a repository git would leave out, without a word, what lies outside of the folder in which it runs.
    env: { GIT_CEILING_DIRECTORIES: dirname(folder) },
  }).output();
  if (!success) throw new Error(`${patch} does not apply any more: ${new TextDecoder().decode(stderr).trim()}`);
}
