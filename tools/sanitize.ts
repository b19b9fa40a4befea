/**
 * Runs the engine's tests under one of Rust's detectors: `miri` (undefined behaviour, in code without sockets), `asan`
 * (memory errors and leaks) or `tsan` (data races).
 *
 * They need nightly Rust. Without it the tool fails, or with `--if-possible` prints a notice and succeeds.
 */

interface Detector {
  /** The component of the toolchain that the detector needs. */
  component: string;
  env: Record<string, string>;
  /** Arguments of cargo. */
  args: string[];
}

const ENGINE = ["--locked", "--package", "tcp_shaker", "--all-features", "--lib"];

const DETECTORS: Record<string, Detector> = {
  miri: {
    component: "miri",
    // proptest reads the failures of its last run from a file, which needs access to the file system. Miri is about 100
    // times slower, so few cases run.
    env: { MIRIFLAGS: "-Zmiri-disable-isolation", PROPTEST_CASES: "4" },
    args: ["miri", "test", ...ENGINE, "--test", "records"],
  },
  asan: {
    component: "rust-std",
    env: { RUSTFLAGS: "-Zsanitizer=address" },
    // With an explicit target, the flags do not apply to build scripts and macros.
    args: ["test", ...ENGINE, "--tests", "--target", Deno.build.target],
  },
  tsan: {
    component: "rust-src",
    env: { RUSTFLAGS: "-Zsanitizer=thread" },
    // The standard library is built too: otherwise ThreadSanitizer would not see its locks.
    args: ["test", "-Zbuild-std", ...ENGINE, "--tests", "--target", Deno.build.target],
  },
};

const [name] = Deno.args;
if (!Object.hasOwn(DETECTORS, name ?? "")) {
  console.error(`usage: sanitize.ts ${Object.keys(DETECTORS).join("|")} [--if-possible]`);
  Deno.exit(2);
}
const { component, env, args } = DETECTORS[name];
const installed = await output("rustup", ["component", "list", "--toolchain", "nightly", "--installed"]);
if (!installed?.split("\n").some((line) => line.startsWith(component))) {
  console.log(`skipped ${name}: run: rustup toolchain install nightly --component ${component}`);
  Deno.exit(Deno.args.includes("--if-possible") ? 0 : 1);
}
const command = new Deno.Command("cargo", { args: ["+nightly", ...args, "--target-dir", `target/${name}`], env });
Deno.exit((await command.spawn().status).code);

/** The output of a command; `undefined` if it fails or is missing. */
async function output(command: string, args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
