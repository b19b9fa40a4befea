/** Prometheus' fingerprint of labels: 64-bit FNV-1a (https://github.com/prometheus/common, model/signature.go). */

const OFFSET = 14695981039346656037n;
const PRIME = 1099511628211n;
/** The byte after each name and each value. */
const SEPARATOR = 255;

/** Hashes labels. */
export function fingerprint(labels: Readonly<Record<string, string>>): string {
  const encoder = new TextEncoder();
  const names = Object.keys(labels).sort();
  let hash = OFFSET;
  const add = (byte: number) => hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  for (const name of names) {
    for (const text of [name, labels[name]]) {
      encoder.encode(text).forEach(add);
      add(SEPARATOR);
    }
  }
  return hash.toString(16).padStart(16, "0");
}
