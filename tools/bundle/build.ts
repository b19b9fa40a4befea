/** Building the library that users get: for old systems, with no export but ours, and the same bytes wherever it is built. */

import * as bindings from "../../lib/native/bindings.ts";
import { SONAME, TARGETS } from "../../lib/native/bundle.ts";
import { findZig } from "./zig.ts";

/** As old as Deno's own, 2.27, or older. */
const GLIBC = "2.17";
const EXPORTS = Object.keys(bindings).filter((name) => name.startsWith("shaker_"));
const HERE = decodeURIComponent(new URL(".", import.meta.url).pathname);

/**
 * Builds the library.
 *
 * @param target For which of Rust's targets.
 * @param root Where the sources are: a checkout.
 * @returns What is to be loaded.
 * @throws {Error} If it can't be built.
 */
export async function buildLibrary(target: string, root: string): Promise<Uint8Array<ArrayBuffer>> {
  const zig = await findZig();
  const archive = await compile(target, root);
  const library = await Deno.makeTempFile({ suffix: ".so" });
  try {
    // Not linked by cargo: Rust would export what crates that we use export, too.
    await run(root, zig, [
      ...["cc", "-target", `${target.replace("-unknown", "")}.${GLIBC}`, "-shared", "-s", "-o", library],
      // A thread that is stuck in getaddrinfo outlives the worker that asked for it, with which Deno unloads libraries.
      ...["-Wl,-z,nodelete", `-Wl,-soname,${SONAME}`, "-Wl,--gc-sections", `-Wl,--version-script=${HERE}exports.map`],
      ...EXPORTS.map((name) => `-Wl,-u,${name}`),
      ...[`${HERE}hidden.s`, archive, "-lunwind"],
    ]);
    return await Deno.readFile(library);
  } finally {
    await Deno.remove(library);
  }
}

/** Why no library can be built here, and what would help; `undefined` if all can. */
export async function whyNoBuild(): Promise<string | undefined> {
  try {
    await findZig();
    for (const target of TARGETS) {
      const { stdout } = await new Deno.Command("rustc", { args: ["--print=target-libdir", "--target", target] })
        .output();
      await Deno.stat(new TextDecoder().decode(stdout).trim()).catch(() => {
        throw new Error(`Cannot build for ${target}: rustup target add ${target}`);
      });
    }
  } catch (error) {
    return error instanceof Error ? error.message : `${error}`;
  }
}

/** What was used to build: other versions may give other bytes. */
export async function toolchain(): Promise<string> {
  return `rustc ${(await rustc()).release}, zig ${(await output(".", await findZig(), ["version"])).trim()}`;
}

/** Compiles the crate and all that it uses into an archive. */
async function compile(target: string, root: string): Promise<string> {
  const targetDir = `${root}/target/bundle`;
  const args = ["--release", "--locked", "--quiet", "--package", "tcp_shaker", "--lib", "--crate-type", "staticlib"];
  await run(root, "cargo", ["rustc", ...args, "--target", target, "--target-dir", targetDir], {
    CARGO_ENCODED_RUSTFLAGS: (await portablePaths(target, root)).join("\x1f"),
  });
  return `${targetDir}/${target}/release/libtcp_shaker.a`;
}

/** Options of rustc by which messages of panics name files by their package, and not by where they are here. */
async function portablePaths(target: string, root: string): Promise<string[]> {
  const metadata = JSON.parse(
    await output(root, "cargo", ["metadata", "--format-version=1", "--locked", `--filter-platform=${target}`]),
  );
  const packages: { name: string; version: string; manifest_path: string }[] = metadata.packages;
  const sysroot = (await output(root, "rustc", ["--print", "sysroot"])).trim();
  return [
    ...packages.map((
      { name, version, manifest_path },
    ) => [manifest_path.replace(/\/Cargo\.toml$/, ""), `${name}-${version}`]),
    // Where rustup has the standard library's sources, messages name those, and no others.
    [`${sysroot}/lib/rustlib/src/rust`, `/rustc/${(await rustc()).commit}`],
  ].map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}

async function rustc(): Promise<{ release: string; commit: string }> {
  const text = await output(".", "rustc", ["-vV"]);
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(text)![1];
  return { release: field("release"), commit: field("commit-hash") };
}

async function run(cwd: string, command: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const { success } = await new Deno.Command(command, { args, cwd, env, stdout: "inherit", stderr: "inherit" })
    .output();
  if (!success) throw new Error(`Cannot build the library: ${command} failed`);
}

async function output(cwd: string, command: string, args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(command, { args, cwd, stderr: "inherit" }).output();
  if (!success) throw new Error(`Cannot build the library: ${command} ${args[0]} failed`);
  return new TextDecoder().decode(stdout);
}
