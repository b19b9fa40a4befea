import { assertEquals } from "@std/assert";

const LOADED = new URL("../../lib/native/loaded.ts", import.meta.url);

Deno.test("isLoaded() finds a loaded library, and loads none from the search path", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // Its code runs when it is loaded.
    const code = '#include <unistd.h>\n__attribute__((constructor)) static void run(void) { write(1, "ran\\n", 4); }\n';
    await Deno.writeTextFile(`${folder}/planted.c`, code);
    const args = ["-shared", "-fPIC", "-Wl,-soname,libplanted-test.so", "-o", `${folder}/libplanted-test.so`];
    const { code: status } = await new Deno.Command("cc", { args: [...args, `${folder}/planted.c`] }).output();
    assertEquals(status, 0);
    const program = `
      import { isLoaded } from "${LOADED}";
      console.log(isLoaded("libplanted-test.so"), isLoaded("libc.so.6"), isLoaded("libnone-test.so"));
      Deno.dlopen("${folder}/libplanted-test.so", {});
      console.log(isLoaded("libplanted-test.so"));
    `;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", program],
      env: { LD_LIBRARY_PATH: folder },
      stderr: "inherit",
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "false true false\nran\ntrue\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
