import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { SONAME } from "../../lib/native/bundle.ts";
import { bundleTest } from "../support/bundle.ts";
import { installLibrary } from "../support/module_copy.ts";
import { output, Package } from "../support/package.ts";

const CHECK = `
  const { checkAddr } = await import("./mod.ts");
  console.log(await checkAddr("127.0.0.1:1").then(({ status }) => status, ({ message }) => message));
`;
const CHECKED = "refused\n";

/** Traces of a library that a process has loaded from memory. */
const MAPPED = `
  const maps = Deno.readTextFileSync("/proc/self/maps").split("\\n").filter((line) => line.includes("/memfd:tcp-shaker"));
`;

bundleTest("the library in the module needs --allow-ffi, and nothing else", async () => {
  await using module = await Package.unpack();
  assertEquals(await module.run(CHECK), CHECKED);
  assertMatch(await module.run(CHECK, []), /^Requires ffi access to /);
});

bundleTest("the library in the module leaks no descriptor", async () => {
  await using module = await Package.unpack();
  const program = `
    ${CHECK}
    ${MAPPED}
    const files = [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
      try {
        return [Deno.readLinkSync("/proc/self/fd/" + name)];
      } catch {
        return [];
      }
    });
    console.log(maps.length > 0, files.filter((file) => file.includes("memfd:tcp-shaker")));
  `;
  assertEquals(await module.run(program, ["--allow-all"]), `${CHECKED}true []\n`);
});

bundleTest(
  "an executable of deno compile loads the library in the module, not a file in the place of a checkout's build",
  async () => {
    await using module = await Package.unpack();
    await installLibrary(module.path);
    const program = (standalone: boolean) => `
    Object.defineProperty(Deno, "build", { value: { ...Deno.build, standalone: ${standalone} } });
    ${CHECK}
    ${MAPPED}
    console.log(maps.length > 0);
  `;
    assertEquals(await module.run(program(true), ["--allow-all"]), `${CHECKED}true\n`);
    assertEquals(await module.run(program(false), ["--allow-all"]), `${CHECKED}false\n`);
  },
);

bundleTest("a library whose bytes have changed is not loaded", async () => {
  await using module = await Package.unpack();
  const digest = "0".repeat(64);
  await module.edit(
    `lib/native/bundle/${Deno.build.target}.json`,
    (text) => text.replace(/"[0-9a-f]{64}"/, `"${digest}"`),
  );
  const message = await module.run(CHECK);
  assertMatch(message, /the library in the module: its SHA-256 is [0-9a-f]{64}, it should be 0{64}\n/);
  assertStringIncludes(message, "loadLibrary()");
});

bundleTest("without a library for the system, the error names the system", async () => {
  await using module = await Package.unpack();
  const program = `
    Object.defineProperty(Deno, "build", { value: { ...Deno.build, target: "x86_64-unknown-linux-musl" } });
    ${CHECK}
  `;
  assertStringIncludes(
    await module.run(program),
    "the library in the module: it has no library for x86_64-unknown-linux-musl\n",
  );
});

/**
 * Installs a seccomp filter that refuses memfd_create to the calling thread.
 *
 * @param flags Refuses only calls with one of these flags; 0 refuses all.
 * @param errno The error of refused calls.
 */
function refuseFilesInMemory(flags: number, errno: number): string {
  return `
    const number = { x86_64: 319, aarch64: 279 }[Deno.build.arch];
    const all = ${flags} === 0;
    // Classic BPF: load the number; if it is memfd_create's, load its flags; if they match, return the error; else
    // allow.
    const filter = [
      [0x20, 0, 0, 0], [0x15, 0, all ? 2 : 3, number],
      [0x20, 0, 0, 24], ...(all ? [] : [[0x45, 0, 1, ${flags}]]),
      [0x06, 0, 0, 0x00050000 | ${errno}], [0x06, 0, 0, 0x7fff0000],
    ];
    const code = new DataView(new ArrayBuffer(8 * filter.length));
    filter.forEach(([operation, yes, no, value], i) => {
      code.setUint16(8 * i, operation, true);
      code.setUint8(8 * i + 2, yes);
      code.setUint8(8 * i + 3, no);
      code.setUint32(8 * i + 4, value, true);
    });
    const program = new BigUint64Array([BigInt(filter.length), Deno.UnsafePointer.value(Deno.UnsafePointer.of(code))]);
    const libc = Deno.dlopen("libc.so.6", {
      prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
    });
    const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(program));
    const PR_SET_NO_NEW_PRIVS = 38, PR_SET_SECCOMP = 22, SECCOMP_MODE_FILTER = 2n;
    if (libc.symbols.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) !== 0) throw new Error("no filter");
    if (libc.symbols.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, address, 0n, 0n) !== 0) throw new Error("no filter");
  `;
}

const EPERM = 1, EINVAL = 22, MFD_NOEXEC_SEAL = 8;

bundleTest("if memfd_create is forbidden, the error names the call and a remedy", async () => {
  await using module = await Package.unpack();
  const message = await module.run(refuseFilesInMemory(0, EPERM) + CHECK);
  assertStringIncludes(message, "the library in the module: memfd_create failed: EPERM\n");
  assertStringIncludes(message, "give its path to loadLibrary()");
});

bundleTest("on Linux before 6.3, which lacks MFD_NOEXEC_SEAL, the library loads", async () => {
  await using module = await Package.unpack();
  assertEquals(await module.run(refuseFilesInMemory(MFD_NOEXEC_SEAL, EINVAL) + CHECK), CHECKED);
});

bundleTest("the library loads although other code has loaded a library from the same descriptor number", async () => {
  await using module = await Package.unpack();
  const program = `
    const open = { memfd_create: { parameters: ["buffer", "u32"], result: "i32" } };
    const copy = { dup2: { parameters: ["i32", "i32"], result: "i32" } };
    const { symbols: libc } = Deno.dlopen("libc.so.6", { ...open, ...copy, close: { parameters: ["i32"], result: "i32" } });
    const other = Deno.readTextFileSync("/proc/self/maps").match(/\\S+\\/libm\\S+$/m)[0];
    const file = libc.memfd_create(new TextEncoder().encode("other\\0"), 0);
    Deno.writeFileSync("/proc/self/fd/" + file, Deno.readFileSync(other));
    // From now on the dynamic linker knows libm by all these paths.
    for (let fd = file; fd < file + 100; fd++) {
      libc.dup2(file, fd);
      Deno.dlopen("/proc/self/fd/" + fd, { cos: { parameters: ["f64"], result: "f64" } });
    }
    for (let fd = file; fd < file + 100; fd++) libc.close(fd);
    ${CHECK}
  `;
  assertEquals(await module.run(program, ["--allow-all"]), CHECKED);
});

bundleTest("workers share one library", async () => {
  await using module = await Package.unpack();
  await Deno.writeTextFile(
    `${module.path}/worker.ts`,
    `
    import { checkAddr } from "./mod.ts";
    postMessage((await checkAddr("127.0.0.1:1")).status);
  `,
  );
  const program = `
    for (let round = 0; round < 10; round++) {
      const worker = new Worker(new URL("worker.ts", import.meta.url).href, { type: "module" });
      await new Promise((resolve) => worker.onmessage = resolve);
      worker.terminate();
    }
    ${CHECK}
    ${MAPPED}
    console.log(new Set(maps.map((line) => line.split(/ +/)[4])).size);
  `;
  assertEquals(await module.run(program, ["--allow-all"]), `${CHECKED}1\n`);
});

bundleTest("a library of the same name in LD_LIBRARY_PATH is not loaded", async () => {
  await using module = await Package.unpack();
  const planted = await Deno.makeTempDir();
  try {
    // A library that runs code when it is loaded, under the SONAME by which isolates find the loaded library.
    const code =
      '#include <unistd.h>\n__attribute__((constructor)) static void run(void) { write(1, "planted\\n", 8); }\n';
    await Deno.writeTextFile(`${planted}/planted.c`, code);
    const args = ["-shared", "-fPIC", `-Wl,-soname,${SONAME}`, "-o", `${planted}/${SONAME}`, `${planted}/planted.c`];
    await output("cc", args);
    const program = `
      ${CHECK}
      ${MAPPED}
      Deno.dlopen("${planted}/${SONAME}", {});
      console.log(maps.length > 0);
    `;
    const printed = await module.run(program, ["--allow-all"], { LD_LIBRARY_PATH: planted });
    assertEquals(printed, `${CHECKED}planted\ntrue\n`);
  } finally {
    await Deno.remove(planted, { recursive: true });
  }
});

bundleTest("loadLibrary(PATH) loads that library, and needs permission only for the path", async () => {
  await using module = await Package.unpack();
  const library = decodeURIComponent(new URL("../../target/release/libtcp_shaker.so", import.meta.url).pathname);
  const program = `
    const { loadLibrary } = await import("./mod.ts");
    await loadLibrary(${JSON.stringify(library)});
    await loadLibrary(new URL(${JSON.stringify(new URL(`file://${library}`))}));
    await loadLibrary();
    console.log(await loadLibrary("/other.so").catch(({ message }) => message));
    ${CHECK}
  `;
  const error = `Cannot load /other.so: the library is already loaded from ${library}\n`;
  assertEquals(await module.run(program, [`--allow-ffi=${library}`]), error + CHECKED);
});
