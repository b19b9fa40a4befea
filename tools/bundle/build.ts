/** Build of the published library: for old systems, with our exports only, reproducible on any machine. */

import * as bindings from "../../lib/native/bindings.ts";
import { SONAME, TARGETS } from "../../lib/native/bundle.ts";
import { findZig } from "./zig.ts";

/** The minimum glibc; no newer than Deno's own minimum, 2.27. */
const GLIBC = "2.17";
const EXPORTS = Object.keys(bindings).filter((name) => name.startsWith("shaker_"));
const HERE = decodeURIComponent(new URL(".", import.meta.url).pathname);

/**
 * Builds the library.
 *
 * @param target The Rust target.
 * @param root The folder of the sources: a checkout.
 * @returns The bytes of the library.
 * @throws {Error} If it can't be built.
 */
export async function buildLibrary(target: string, root: string): Promise<Uint8Array<ArrayBuffer>> {
  const zig = await findZig();
  const archive = await compile(target, root);
  const library = await Deno.makeTempFile({ suffix: ".so" });
  try {
    // Not linked by cargo, because Rust would also export the symbols that dependencies export.
    await run(root, zig, [
      ...["cc", "-target", `${target.replace("-unknown", "")}.${GLIBC}`, "-shared", "-s", "-o", library],
      // nodelete: a thread in getaddrinfo may outlive its worker, and Deno unloads a worker's libraries with the
      // worker.
      ...["-Wl,-z,nodelete", `-Wl,-soname,${SONAME}`, "-Wl,--gc-sections", `-Wl,--version-script=${HERE}exports.map`],
      ...EXPORTS.map((name) => `-Wl,-u,${name}`),
      ...[`${HERE}hidden.s`, archive, "-lunwind"],
    ]);
    return await Deno.readFile(library);
  } finally {
    await Deno.remove(library);
  }
}

/** Why the libraries can't be built here, and what to install; `undefined` if they can. */
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

/** The versions of the toolchain: other versions may produce other bytes. */
export async function toolchain(): Promise<string> {
  return `rustc ${(await rustc()).release}, zig ${(await output(".", await findZig(), ["version"])).trim()}`;
}

/** Compiles the crate and its dependencies into a static archive. */
async function compile(target: string, root: string): Promise<string> {
  const targetDir = `${root}/target/bundle`;
  const args = ["--release", "--locked", "--quiet", "--package", "tcp_shaker", "--lib", "--crate-type", "staticlib"];
  await run(root, "cargo", ["rustc", ...args, "--target", target, "--target-dir", targetDir], {
    CARGO_ENCODED_RUSTFLAGS: (await portablePaths(target, root)).join("\x1f"),
  });
  return `${targetDir}/${target}/release/libtcp_shaker.a`;
}

/** rustc options that replace local paths in panic messages by package names, for reproducible builds. */
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
    // If rustup has installed the standard library's sources, panic messages contain their local paths too.
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
