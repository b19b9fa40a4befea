/** Sealed memory files (`memfd_create()`), to load a library from memory. */

import { errnoName } from "../errno.ts";

/** From linux/memfd.h. */
const MFD = { cloexec: 0x1, allowSealing: 0x2, noexecSeal: 0x8 };
/** From linux/fcntl.h: no more seals, no shrinking, no growing, no writing. */
const F_ADD_SEALS = 1033;
const ALL_SEALS = 0x1 | 0x2 | 0x4 | 0x8;

/** C functions. `fcntl` is variadic; Linux on x86-64 and AArch64 passes variadic integers like other arguments. */
const LIBC = {
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  // The same function in glibc and in bionic.
  __errno_location: { parameters: [], result: "pointer", optional: true },
  __errno: { parameters: [], result: "pointer", optional: true },
} as const;

/** File name of the C library: bionic's or glibc's. */
const LIBC_NAME = Deno.build.os === "android" ? "libc.so" : "libc.so.6";

/**
 * Makes a sealed memory file, and closes it when `use` returns. Mappings made by then stay valid.
 *
 * A memory file works where every file system is read-only or `noexec`. Until the seal, other processes of the same user can
 * write to the file through /proc/PID/fd. Therefore the file is read back after the seal, and its digest compared.
 *
 * @param content The content of the file.
 * @param sha256 The expected digest, in hexadecimal digits.
 * @param use Called with the file's path, which is valid in this process only.
 * @throws {Deno.errors.NotCapable} If Deno was not run with `--allow-ffi`.
 * @throws {Error} If the digest differs, or a system call fails: the message names the call and the error.
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
    if (found !== sha256) throw new Error(`its SHA-256 is ${found}, it should be ${sha256}`);
    use(`/proc/self/fd/${uniquePath(sha256)}${file}`);
  } finally {
    libc.close(file);
  }
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/**
 * Cache buster: a sequence of "./" and "/" that makes the path unique for each digest, but resolves to the same file.
 *
 * The dynamic linker identifies a loaded library by its path, and file descriptor numbers are reused. With the plain path
 * the linker could return a library that other code has loaded from the same number.
 */
function uniquePath(sha256: string): string {
  const bits = Number.parseInt(sha256.slice(0, 8), 16).toString(2);
  return bits.replaceAll("1", "./").replaceAll("0", "/");
}

/** System calls, by the C library that Deno is linked to. */
class SystemCalls implements Disposable {
  readonly #libc = Deno.dlopen(LIBC_NAME, LIBC);

  createFile(name: string): number {
    const cname = new TextEncoder().encode(`${name}\0`);
    const { memfd_create } = this.#libc.symbols;
    const flags = MFD.cloexec | MFD.allowSealing;
    // Hardened systems forbid executable memory files (sysctl vm.memfd_noexec), and a mapping of code doesn't need one.
    // Linux before 6.3 rejects the flag with EINVAL.
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

  /** Reads a file of an expected size. Returns one byte more of a larger file, so that the digest differs. */
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
    const { __errno, __errno_location } = this.#libc.symbols;
    const address = (__errno ?? __errno_location)?.() ?? null;
    return address === null ? "unknown error" : errnoName(new Deno.UnsafePointerView(address).getInt32());
  }
}

function callFailed(call: string, errno: string): Error {
  return new Error(`${call} failed: ${errno}`);
}
