/**
 * Parses an IPv6 address, independently of the module.
 *
 * @param address The address in text form, without dots and zone.
 * @returns Its eight groups.
 */
export function groupsOf(address: string): number[] {
  const [head, tail] = address.split("::").map((half) => half === "" ? [] : half.split(":"));
  const zeros = tail === undefined ? [] : Array(8 - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...tail ?? []].map((group) => parseInt(group, 16));
}
