/** Sizes with units: `500MB`, `2GiB`. */

/** The units of {@linkcode SIZE}, in bytes. */
const UNITS: Readonly<Record<string, number>> = {
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Matches a size: a number and a unit. The JSON Schema contains it, so it must be portable. */
export const SIZE = /^(\d+(?:\.\d+)?)(kB|MB|GB|KiB|MiB|GiB)$/;

/**
 * Parses a size.
 *
 * @param text The size; it matches {@linkcode SIZE}.
 * @returns The size in bytes.
 */
export function parseSize(text: string): number {
  const [, number, unit] = text.match(SIZE)!;
  return Math.floor(Number(number) * UNITS[unit]);
}
