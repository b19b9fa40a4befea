/**
 * Names of error numbers, for Linux on x86_64 and aarch64.
 *
 * Source: `asm-generic/errno-base.h`, `asm-generic/errno.h` and `netdb.h`.
 */

const ERRNO: Readonly<Record<number, string>> = {
  1: "EPERM",
  4: "EINTR",
  5: "EIO",
  9: "EBADF",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  14: "EFAULT",
  16: "EBUSY",
  19: "ENODEV",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  28: "ENOSPC",
  32: "EPIPE",
  38: "ENOSYS",
  64: "ENONET",
  71: "EPROTO",
  88: "ENOTSOCK",
  90: "EMSGSIZE",
  91: "EPROTOTYPE",
  92: "ENOPROTOOPT",
  93: "EPROTONOSUPPORT",
  94: "ESOCKTNOSUPPORT",
  95: "EOPNOTSUPP",
  96: "EPFNOSUPPORT",
  97: "EAFNOSUPPORT",
  98: "EADDRINUSE",
  99: "EADDRNOTAVAIL",
  100: "ENETDOWN",
  101: "ENETUNREACH",
  102: "ENETRESET",
  103: "ECONNABORTED",
  104: "ECONNRESET",
  105: "ENOBUFS",
  106: "EISCONN",
  107: "ENOTCONN",
  110: "ETIMEDOUT",
  111: "ECONNREFUSED",
  112: "EHOSTDOWN",
  113: "EHOSTUNREACH",
  114: "EALREADY",
  115: "EINPROGRESS",
};

const EAI: Readonly<Record<number, string>> = {
  [-1]: "EAI_BADFLAGS",
  [-2]: "EAI_NONAME",
  [-3]: "EAI_AGAIN",
  [-4]: "EAI_FAIL",
  [-5]: "EAI_NODATA",
  [-6]: "EAI_FAMILY",
  [-7]: "EAI_SOCKTYPE",
  [-8]: "EAI_SERVICE",
  [-9]: "EAI_ADDRFAMILY",
  [-10]: "EAI_MEMORY",
  [-11]: "EAI_SYSTEM",
  [-12]: "EAI_OVERFLOW",
};

/** Error code of a name that has only unspecified addresses (0.0.0.0, ::), which DNS filters return. */
export const SINKHOLE = "SINKHOLE";

/**
 * Finds the name of an `errno`.
 *
 * @param errno The number, above 0.
 * @returns The name, such as `"ECONNREFUSED"`.
 */
export function errnoName(errno: number): string {
  return ERRNO[errno] ?? `ERRNO_${errno}`;
}

/**
 * Finds the name of a getaddrinfo() error.
 *
 * @param code The number, below 0 on Linux.
 * @returns The name, such as `"EAI_NONAME"`.
 */
export function eaiName(code: number): string {
  return EAI[code] ?? `EAI_${code}`;
}
