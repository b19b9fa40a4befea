import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as bindings from "../../lib/native/bindings.ts";
import { bundledLibrary, TARGETS } from "../../lib/native/bundle.ts";
import { buildLibrary } from "../../tools/bundle/build.ts";
import { bundle, bundleTest, ROOT } from "../support/bundle.ts";
import { output, publishedFiles } from "../support/package.ts";

/** Deno's releases need glibc 2.27. */
const GLIBC_MINOR = 27;

async function readelf(target: string, ...args: string[]): Promise<string> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, (await bundledLibrary(target)).bytes);
    return await output("readelf", ["--wide", ...args, path]);
  } finally {
    await Deno.remove(path);
  }
}

for (const target of TARGETS) {
  bundleTest(`the library for ${target} needs no newer glibc than Deno`, async () => {
    const versions = [...(await readelf(target, "--version-info")).matchAll(/GLIBC_2\.(\d+)/g)];
    assert(versions.length > 0);
    for (const [version, minor] of versions) assert(Number(minor) <= GLIBC_MINOR, version);
  });

  bundleTest(`the library for ${target} exports what the bindings call, and nothing else`, async () => {
    const symbols = (await readelf(target, "--dyn-syms")).matchAll(/ (?:GLOBAL|WEAK) +\w+ +(?!UND)\w+ +(\S+)$/gm);
    const called = Object.keys(bindings).filter((name) => name !== "load");
    assertEquals([...symbols].map(([, name]) => name).sort(), called.sort());
  });

  bundleTest(`the library for ${target} contains no path of the machine that built it`, async () => {
    const text = new TextDecoder("latin1").decode((await bundledLibrary(target)).bytes);
    const sysroot = (await output("rustc", ["--print", "sysroot"])).trim();
    const places = [ROOT, sysroot, "/.cargo/", "/.rustup/", "/home/", "/root/", "/tmp/"];
    assertEquals(places.filter((place) => text.includes(place)), []);
    // Shows that the library has panic messages with file names, where a path would be found.
    assertStringIncludes(text, "/src/reactor/");
  });
}

bundleTest("the package has a library for each target, and is small", async () => {
  const files = await publishedFiles([""]);
  const sizes = files.map((file) => Deno.statSync(`${ROOT}${file}`).size);
  const total = sizes.reduce((sum, size) => sum + size);
  assert(total <= 1_050_000, `${total} bytes`);
  for (const target of TARGETS) {
    // Most of the compressed library is the standard library's formatting and unwinding, and code optimized for speed:
    // Cargo.toml has the cost of optimizing for size.
    const base64 = sizes[files.indexOf(`lib/native/bundle/${target}.json`)];
    assert(base64 * 3 / 4 <= 270_000, `${target}: ${base64} bytes in base64`);
  }
});

bundleTest("the same sources and crates give the same bytes in any folder", async () => {
  const elsewhere = await Deno.makeTempDir();
  const crates = Deno.env.get("CARGO_HOME");
  try {
    await Deno.symlink(crates ?? `${Deno.env.get("HOME")}/.cargo`, `${elsewhere}/crates`);
    Deno.env.set("CARGO_HOME", `${elsewhere}/crates`);
    await output("cp", ["-r", "Cargo.toml", "Cargo.lock", "ffi", "tests", elsewhere], { cwd: ROOT });
    const { target } = Deno.build;
    assertEquals(await buildLibrary(target, elsewhere), (await bundledLibrary(target)).bytes);
  } finally {
    if (crates === undefined) Deno.env.delete("CARGO_HOME");
    else Deno.env.set("CARGO_HOME", crates);
    await Deno.remove(elsewhere, { recursive: true });
  }
});

bundleTest("deno task bundle --check fails if the bundle differs from a fresh build", async () => {
  assertEquals((await bundle("--check")).code, 0);
  const path = `${ROOT}lib/native/bundle/${TARGETS[0]}.json`;
  const text = await Deno.readTextFile(path);
  try {
    await Deno.writeTextFile(path, text.replace('"sha256": "', '"sha256": "0'));
    const { code, stderr } = await bundle("--check");
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Run: deno task bundle");
  } finally {
    await Deno.writeTextFile(path, text);
  }
});
