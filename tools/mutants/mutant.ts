/** A mutant: a patch that breaks the code in one way, and says which tests are to notice. */

/** What a patch of tests/mutants/ says of itself. */
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

/** Where the patches are. */
export const FOLDER = "tests/mutants";

/**
 * Reads the lines above a patch's diff: what it breaks, and `deno test: FILE ...` or `cargo test: ARGUMENT ...` or both.
 *
 * @param name The mutant's name.
 * @param patch The text of the patch.
 * @throws {Error} If it doesn't say what it breaks, or which tests are relevant.
 */
export function parseMutant(name: string, patch: string): Mutant {
  const header = patch.slice(0, patch.search(/^diff /m)).trim().split("\n");
  const words = (label: string) =>
    header.filter((line) => line.startsWith(`${label}: `)).flatMap((line) => line.slice(label.length + 2).split(" "));
  const mutant = { name, breaks: header[0], denoTests: words("deno test"), cargoTests: words("cargo test") };
  if (header[0] === "" || mutant.denoTests.length + mutant.cargoTests.length === 0) {
    throw new Error(`Cannot use the mutant ${name}: it must say what it breaks, and which tests are relevant`);
  }
  return mutant;
}

/** The path of a mutant's patch, below the root of the repository. */
export function patchOf(name: string): string {
  return `${FOLDER}/${name}.patch`;
}

/**
 * Reads all mutants, in the order of their names.
 *
 * @param root The root of the repository.
 */
export function readMutants(root: string): Mutant[] {
  return [...Deno.readDirSync(`${root}/${FOLDER}`)].map((entry) => entry.name.replace(/\.patch$/, "")).sort()
    .map((name) => parseMutant(name, Deno.readTextFileSync(`${root}/${patchOf(name)}`)));
}
