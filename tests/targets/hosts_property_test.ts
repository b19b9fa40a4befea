import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@4.11.0";
// deno-lint-ignore no-import-prefix -- in deno.json it would be a download for everybody
import { Address4, Address6 } from "npm:ip-address@10.7.6";
import { Network } from "../../lib/targets/hosts.ts";
import { addressToNumber, numberToAddress } from "../../lib/targets/ip_number.ts";
import { scaled } from "../support/scale.ts";

const RUNS = { numRuns: scaled(3000, 600) };
const word = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff));
const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join("."));
const groups = fc.array(word, { minLength: 8, maxLength: 8 }).map((all) => all.map((group) => group.toString(16)));
/** Spellings of an address: with eight groups, with `::`, in upper case, with an IPv4 address at the end. */
const ipv6 = fc.oneof(
  groups.map((all) => all.join(":")),
  groups.map((all) => new Address6(all.join(":")).correctForm()),
  groups.map((all) => all.join(":").toUpperCase()),
  fc.tuple(groups, ipv4).map(([all, end]) => [...all.slice(0, 6), end].join(":")),
  fc.tuple(fc.nat(6), groups).map(([count, all]) => `${all.slice(0, count).join(":")}::`),
  fc.tuple(fc.nat(6), groups).map(([count, all]) => `::${all.slice(0, count).join(":")}`),
);

Deno.test("networks expand to the same addresses as with ip-address", () => {
  for (const [family, address, bits, Address] of [[4, ipv4, 32, Address4], [6, ipv6, 128, Address6]] as const) {
    fc.assert(
      fc.property(address, fc.nat(bits), fc.nat(), (text, length, seed) => {
        const network = new Network(text, family, length);
        const other = new Address(`${text}/${length}`);
        const index = Math.min(seed, network.size - 1);
        const [first, at] = [0, index].map((i) =>
          Address.fromBigInt(other.startAddress().bigInt() + BigInt(i)).correctForm()
        );
        assertEquals([network.at(0), network.at(index)], [first, at]);
        assertEquals(network.size, 2 ** (bits - length));
      }),
      RUNS,
    );
  }
});

Deno.test("addresses are equal after the conversion to a number and back", () => {
  fc.assert(fc.property(ipv4, (text) => assert(numberToAddress(addressToNumber(text, 4), 4) === text)), RUNS);
  fc.assert(
    fc.property(ipv6, (text) => {
      const number = addressToNumber(text, 6);
      assertEquals([number, numberToAddress(number, 6)], [
        new Address6(text).bigInt(),
        new Address6(text).correctForm(),
      ]);
    }),
    RUNS,
  );
});
