/** Asking the dynamic linker what it has loaded: by another isolate of this process, as a rule. */

/** From dlfcn.h. */
const RTLD_LAZY = 0x1;
const RTLD_NOLOAD = 0x4;

const DLOPEN = { dlopen: { parameters: ["buffer", "i32"], result: "pointer", optional: true } } as const;
/** Where dlopen() is: in the first one since glibc 2.34. Deno is linked to both, so neither is searched for. */
const LIBRARIES = ["libc.so.6", "libdl.so.2"];

/**
 * Tells whether a library is loaded in this process, and keeps it loaded if it is.
 *
 * `Deno.dlopen()` of a name without a slash takes a library that is loaded already, and else the first file of that name
 * in LD_LIBRARY_PATH and the system's folders. `RTLD_NOLOAD` loads no such file. The handle is never closed, so
 * `Deno.dlopen()` finds the library where this has found it.
 *
 * @param soname The name that it has in itself, `DT_SONAME`.
 * @returns Whether it is loaded.
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
