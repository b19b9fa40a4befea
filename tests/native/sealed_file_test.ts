import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { withSealedFile } from "../../lib/native/sealed_file.ts";
import { scriptCommand } from "../support/script.ts";

const CONTENT = new TextEncoder().encode("a library");
const DIGEST = await digest(CONTENT);

async function digest(content: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", content)).toHex();
}

Deno.test("a sealed file can be read, but not changed", async () => {
  let read: Uint8Array | undefined;
  await withSealedFile(CONTENT, DIGEST, (path) => {
    read = Deno.readFileSync(path);
    using file = Deno.openSync(path, { read: true, write: true });
    assertThrows(() => file.writeSync(CONTENT), Deno.errors.PermissionDenied);
    assertThrows(() => file.truncateSync(1), Deno.errors.PermissionDenied);
    assertThrows(() => file.truncateSync(100), Deno.errors.PermissionDenied);
  });
  assertEquals(read, CONTENT);
});

Deno.test("a sealed file is closed after its use, also when the use fails", async () => {
  const paths: string[] = [];
  await withSealedFile(CONTENT, DIGEST, (path) => paths.push(path));
  await assertRejects(
    () =>
      withSealedFile(CONTENT, DIGEST, (path) => {
        paths.push(path);
        throw new Error("no library");
      }),
    Error,
    "no library",
  );
  assertEquals(paths.length, 2);
  for (const path of paths) assertThrows(() => Deno.readFileSync(path), Deno.errors.NotFound);
});

Deno.test("a sealed file with another digest is not used", async () => {
  for (const content of [CONTENT.slice(0, -1), new Uint8Array([...CONTENT, 0]), new Uint8Array()]) {
    await assertRejects(() => withSealedFile(content, DIGEST, () => assert(false, "used")), Error, "its SHA-256 is ");
  }
});

Deno.test("a sealed file that another process overwrites before the seal is not used", async () => {
  const ROUNDS = 12;
  // Large, so that the other process has time to write during the copy and while the digest is computed.
  const content = new Uint8Array(8 << 20).fill(1);
  const sha256 = await digest(content);
  const input = { pid: Deno.pid, name: "tcp-shaker", text: "foreign code", within: 30 };
  const [command, ...args] = [...scriptCommand("overwrite.ts", "", []), JSON.stringify(input)];
  const attacker = new Deno.Command(command, { args, stdout: "piped" }).spawn();
  const lines = attacker.stdout.pipeThrough(new TextDecoderStream());
  let [found, rounds] = [0, 0];
  try {
    for (; (found === 0 || rounds < ROUNDS) && rounds < 2000; rounds++) {
      try {
        await withSealedFile(content, sha256, (path) => {
          assert(Buffer.compare(Deno.readFileSync(path), content) === 0, "foreign code would have run");
        });
      } catch (error) {
        assertMatch((error as Error).message, /^its SHA-256 is [\da-f]{64}, it should be [\da-f]{64}$/);
        found++;
      }
    }
  } finally {
    attacker.kill("SIGKILL");
    await attacker.status;
  }
  const reported = (await Array.fromAsync(lines)).join("");
  const overwritten = reported.match(/^overwritten /gm)?.length ?? 0;
  assert(found > 0 && overwritten > 0, `${found} of ${rounds} files, ${reported}`);
});

Deno.test("sealed files with different contents have different paths, with any descriptors", async () => {
  const paths = await Promise.all(["first", "second", "third"].map(async (text) => {
    const content = new TextEncoder().encode(text);
    let path = "";
    await withSealedFile(content, await digest(content), (it) => path = it);
    return path;
  }));
  assertEquals(new Set(paths.map((path) => path.replace(/\d+$/, ""))).size, 3);
});

Deno.test("Android's C library is found by its names", async () => {
  const folder = await Deno.makeTempDir();
  // Stands for bionic: `libc.so` with `__errno()`. The other functions are those of the system's C library.
  const source = "#include <errno.h>\nint *__errno(void) { return &errno; }\n";
  await Deno.writeTextFile(`${folder}/errno.c`, source);
  const built = await new Deno.Command("cc", {
    args: ["-shared", "-fPIC", "-o", `${folder}/libc.so`, `${folder}/errno.c`],
  }).output();
  assert(built.success, new TextDecoder().decode(built.stderr));
  const script = `
    Object.defineProperty(Deno, "build", { value: { ...Deno.build, os: "android" } });
    const { withSealedFile } = await import("${new URL("../../lib/native/sealed_file.ts", import.meta.url)}");
    await withSealedFile(new TextEncoder().encode("a library"), "${DIGEST}", (path) => console.log(Deno.readTextFileSync(path)));
    // The library is already loaded, so it takes no descriptor.
    Deno.dlopen("libc.so", { __errno: { parameters: [], result: "pointer" } });
    const files = [];
    try {
      while (true) files.push(Deno.openSync("/dev/null"));
    } catch {}
    await withSealedFile(new Uint8Array(1), "", () => {}).catch(({ message }) => console.log(message));
  `;
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", 'ulimit -n 64; exec "$@"', "sh", Deno.execPath(), "eval", script],
    env: { LD_LIBRARY_PATH: folder },
  }).output();
  await Deno.remove(folder, { recursive: true });
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals(text(stdout), "a library\nmemfd_create failed: EMFILE\n", text(stderr));
});
