/** Query of the dynamic linker: whether this process has loaded a library, for example in another isolate. */

/** From dlfcn.h. */
const RTLD_LAZY = 0x1;
const RTLD_NOLOAD = 0x4;

const DLOPEN = { dlopen: { parameters: ["buffer", "i32"], result: "pointer", optional: true } } as const;
/** Libraries with dlopen(), which is in libc since glibc 2.34. Deno is linked to each of them. */
const LIBRARIES = Deno.build.os === "android" ? ["libdl.so"] : ["libc.so.6", "libdl.so.2"];

/**
 * Checks whether a library is loaded in this process, and pins it if it is (`RTLD_NOLOAD`).
 *
 * `Deno.dlopen()` of a name without a slash returns a loaded library, or else the first file of that name in
 * LD_LIBRARY_PATH and the system's folders. `RTLD_NOLOAD` loads no file. The handle is never closed, so a later
 * `Deno.dlopen()` returns the same library.
 *
 * @param soname The library's `DT_SONAME`.
 * @returns Whether the library is loaded.
 */
export function isLoaded(soname: string): boolean {
  const name = new TextEncoder().encode(`${soname}\0`);
  for (const library of LIBRARIES) {
    const system = Deno.dlopen(library, DLOPEN);
    try {
      const { dlopen } = system.symbols;
      if (dlopen !== null) return dlopen(name, RTLD_LAZY | RTLD_NOLOAD) !== null;
    } finally {
      system.close();
    }
  }
  return false;
}
