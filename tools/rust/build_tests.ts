/** The build of Rust's tests, with the library in which system calls can be made to fail. */

/** A test binary. */
export interface RustTest {
  /** Its main source file, relative to the root: `ffi/tests/raw.rs`. */
  readonly file: string;
  /** The path of the binary. */
  readonly program: string;
}

/**
 * What cargo builds for tests: the library with fault injection, and the test binaries. Any other choice would have other
 * features of dependencies, and each build would replace the library of the one before.
 */
const TARGETS = ["--locked", "--workspace", "--all-features", "--lib", "--bins", "--tests"];
const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** Builds the library with fault injection, and the test binaries. Returns the binaries. */
export async function buildTests(): Promise<RustTest[]> {
  const args = ["build", "--quiet", ...TARGETS, "--message-format=json-render-diagnostics"];
  const { success, stdout } = await new Deno.Command("cargo", { args, stderr: "inherit" }).output();
  if (!success) throw new Error(`Cannot build what the tests need: cargo ${args.join(" ")} failed`);
  const messages = new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => JSON.parse(line));
  return messages.filter(({ executable, profile }) => executable && profile.test)
    .map(({ executable, target }) => ({ file: target.src_path.slice(ROOT.length), program: executable }))
    .sort((a, b) => a.file < b.file ? -1 : 1);
}
