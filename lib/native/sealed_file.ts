/** Sealed files in memory, `memfd_create()`: how a library is loaded that no file system has. */

import { errnoName } from "../errno.ts";

/** From linux/memfd.h. */
const MFD = { cloexec: 0x1, allowSealing: 0x2, noexecSeal: 0x8 };
/** From linux/fcntl.h: no more seals, no shrinking, no growing, no writing. */
const F_ADD_SEALS = 1033;
const ALL_SEALS = 0x1 | 0x2 | 0x4 | 0x8;

/** `fcntl` takes any number of arguments, which x86-64 and AArch64 pass in Linux like those of any function. */
const LIBC = {
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

/**
 * Makes a file, and removes it when `use` returns; what is mapped by then stays.
 *
 * It needs no file system that is writable, and none that may hold programs. Until the seal, other processes of the same
 * user can write to the file through /proc/PID/fd. So the digest is taken after it, of what is read back.
 *
 * @param content What is in it.
 * @param sha256 The digest that it must have, in hexadecimal digits.
 * @param use Gets a path to it, which is good for this process only.
 * @throws {Deno.errors.NotCapable} If Deno was not run with `--allow-ffi`.
 * @throws {Error} If the file has another digest; or if the system refuses, with the name of the call and of the error.
 */
export async function withSealedFile(
  content: Uint8Array<ArrayBuffer>,
  sha256: string,
  use: (path: string) => void,
): Promise<void> {
  using libc = new SystemCalls();
  const file = libc.createFile("tcp-shaker");
  try {
    libc.write(file, content);
    libc.seal(file);
    const found = await digest(libc.read(file, content.length));
    if (found !== sha256) throw new Error(`its SHA-256 is ${found}, and should be ${sha256}`);
    use(`/proc/self/fd/${spelling(sha256)}${file}`);
  } finally {
    libc.close(file);
  }
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/**
 * Something in the middle of a path that leads nowhere else, but is different for each digest.
 *
 * Descriptors are numbered anew once closed, and the dynamic linker takes a path that it knows for the library that it
 * loaded from there, whatever is there now: another version of this module may have been before us, or another module.
 */
function spelling(sha256: string): string {
  const bits = Number.parseInt(sha256.slice(0, 8), 16).toString(2);
  return bits.replaceAll("1", "./").replaceAll("0", "/");
}

/** The system calls, from the C library that Deno uses too. */
class SystemCalls implements Disposable {
  readonly #libc = Deno.dlopen("libc.so.6", LIBC);

  createFile(name: string): number {
    const cname = new TextEncoder().encode(`${name}\0`);
    const { memfd_create } = this.#libc.symbols;
    const flags = MFD.cloexec | MFD.allowSealing;
    // Mapped code doesn't need the file to be executable, and a hardened system forbids files that are: sysctl
    // vm.memfd_noexec. Linux before 6.3 doesn't know the flag.
    const file = memfd_create(cname, flags | MFD.noexecSeal);
    if (file >= 0) return file;
    const errno = this.#errno();
    if (errno !== "EINVAL") throw callFailed("memfd_create", errno);
    return this.#checked("memfd_create", memfd_create(cname, flags));
  }

  write(file: number, content: Uint8Array<ArrayBuffer>): void {
    for (let at = 0; at < content.length;) {
      const rest = content.subarray(at);
      at += this.#checked("write", Number(this.#libc.symbols.write(file, rest, BigInt(rest.length))));
    }
  }

  /** Reads a file of some size. One that is larger gives one byte more. */
  read(file: number, size: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(size + 1);
    let end = 0;
    for (let count = 1; count > 0 && end < bytes.length; end += count) {
      const rest = bytes.subarray(end);
      count = this.#checked("pread", Number(this.#libc.symbols.pread(file, rest, BigInt(rest.length), BigInt(end))));
    }
    return bytes.subarray(0, end);
  }

  seal(file: number): void {
    this.#checked("fcntl", this.#libc.symbols.fcntl(file, F_ADD_SEALS, ALL_SEALS));
  }

  close(file: number): void {
    this.#libc.symbols.close(file);
  }

  [Symbol.dispose](): void {
    this.#libc.close();
  }

  #checked(call: string, result: number): number {
    if (result < 0) throw callFailed(call, this.#errno());
    return result;
  }

  #errno(): string {
    return errnoName(new Deno.UnsafePointerView(this.#libc.symbols.__errno_location()!).getInt32());
  }
}

function callFailed(call: string, errno: string): Error {
  return new Error(`${call} failed: ${errno}`);
}
