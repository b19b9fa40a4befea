/** Seccomp filters, by which system calls of the calling thread and its children fail, as in sandboxes. */

/** A refused system call. */
export interface RefusedCall {
  call: keyof typeof NUMBERS["x86_64"];
  /** An argument to match, by its index; any if absent. Only the lower 32 bits count. */
  argument?: [place: number, value: number];
  /** The errno of the refusal. */
  errno: number;
}

const NUMBERS = {
  x86_64: { socket: 41, bind: 49, setsockopt: 54, getsockopt: 55, recvmsg: 47, recvmmsg: 299, sendmmsg: 307 },
  aarch64: { socket: 198, bind: 200, setsockopt: 208, getsockopt: 209, recvmsg: 212, recvmmsg: 243, sendmmsg: 269 },
};

/** Makes a call fail from now on. Needs `--allow-ffi` and CAP_SYS_ADMIN, which root of a namespace has. */
export function refuse({ call, argument, errno }: RefusedCall): void {
  const LOAD = 0x20, JUMP_IF_EQUAL = 0x15, RETURN = 0x06;
  const ALLOW = 0x7fff0000, FAIL = 0x00050000;
  const [place, value] = argument ?? [0, 0];
  // Offsets in `struct seccomp_data`: the number at 0, arguments of 8 bytes from 16 on.
  const program = [
    [LOAD, 0, 0, 0],
    [JUMP_IF_EQUAL, argument === undefined ? 0 : 2, 1, NUMBERS[Deno.build.arch][call]],
    [RETURN, 0, 0, FAIL | errno],
    [RETURN, 0, 0, ALLOW],
    [LOAD, 0, 0, 16 + 8 * place],
    [JUMP_IF_EQUAL, 0, 1, value],
    [RETURN, 0, 0, FAIL | errno],
    [RETURN, 0, 0, ALLOW],
  ];
  const filter = new DataView(new ArrayBuffer(8 * program.length));
  program.forEach(([code, yes, no, k], i) => {
    filter.setUint16(8 * i, code, true);
    filter.setUint8(8 * i + 2, yes);
    filter.setUint8(8 * i + 3, no);
    filter.setUint32(8 * i + 4, k, true);
  });
  const description = new DataView(new ArrayBuffer(16));
  description.setUint16(0, program.length, true);
  description.setBigUint64(8, Deno.UnsafePointer.value(Deno.UnsafePointer.of(filter.buffer)), true);
  const PR_SET_SECCOMP = 22, SECCOMP_MODE_FILTER = 2n;
  const { symbols } = Deno.dlopen("libc.so.6", {
    prctl: { parameters: ["i32", "u64", "buffer", "u64", "u64"], result: "i32" },
  });
  if (symbols.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, description.buffer, 0n, 0n) !== 0) {
    throw new Error("Cannot set a seccomp filter");
  }
}
