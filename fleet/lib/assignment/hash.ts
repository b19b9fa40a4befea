/** Hash that is part of the protocol: another hash would reassign all targets. */

/**
 * Hashes a text: FNV-1a over its UTF-16 code units, then the finalizer of MurmurHash3, since FNV-1a alone leaves the
 * high bits of similar texts similar.
 *
 * @param text The text.
 * @returns 32 bits, as a signed integer.
 */
export function hash(text: string): number {
  let bits = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bits = Math.imul(bits ^ (unit & 0xff), 0x01000193);
    bits = Math.imul(bits ^ (unit >>> 8), 0x01000193);
  }
  return mix(bits);
}

/** fmix32 of MurmurHash3. */
export function mix(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
