/** Mutants: patches in tests/mutants/ that break the code in one way each, and name the tests that must fail. */

/** The repository. */
export const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname);

const FOLDER = `${ROOT}tests/mutants`;

/** The header of a patch, above its diff. */
export interface Mutant {
  /** The name of its file, without the ending. */
  readonly name: string;
  /** What it breaks, in a line. */
  readonly breaks: string;
  /** Files for `deno test`. */
  readonly denoTests: readonly string[];
  /** Arguments of `cargo test`. */
  readonly cargoTests: readonly string[];
}

/**
 * Parses the lines above a patch's diff: what it breaks, then `deno test: FILE ...`, `cargo test: ARGUMENT ...` or
 * both.
 *
 * @throws {Error} If one of them is missing.
 */
export function parseMutant(name: string, patch: string): Mutant {
  const header = patch.slice(0, patch.search(/^diff /m)).trim().split("\n");
  const words = (label: string) =>
    header.filter((line) => line.startsWith(`${label}: `)).flatMap((line) => line.slice(label.length + 2).split(" "));
  const mutant = { name, breaks: header[0], denoTests: words("deno test"), cargoTests: words("cargo test") };
  if (header[0] === "" || mutant.denoTests.length + mutant.cargoTests.length === 0) {
    throw new Error(
      `Cannot use the mutant ${name}: its first lines must be a description, and deno test: or cargo test:`,
    );
  }
  return mutant;
}

/** Reads all mutants, sorted by name. */
export function readMutants(): Mutant[] {
  return [...Deno.readDirSync(FOLDER)].map((entry) => entry.name.replace(/\.patch$/, "")).sort()
    .map((name) => parseMutant(name, Deno.readTextFileSync(patchOf(name))));
}

/**
 * Applies the patch of a mutant to a tree of the code.
 *
 * @param flags Further flags of `git apply`: `--check`, `--reverse`.
 * @throws {Error} If it does not apply, with git's message.
 */
export function applyMutant({ name }: Mutant, tree: string, ...flags: string[]): void {
  const { success, stderr } = new Deno.Command("git", {
    args: ["apply", ...flags, patchOf(name)],
    cwd: tree,
    // Inside a folder of a repository, git apply silently ignores files outside of that folder.
    env: { GIT_CEILING_DIRECTORIES: `${tree}/..` },
  }).outputSync();
  if (!success) throw new Error(`The mutant ${name} does not apply: ${new TextDecoder().decode(stderr).trim()}`);
}

function patchOf(name: string): string {
  return `${FOLDER}/${name}.patch`;
}
