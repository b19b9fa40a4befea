import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@4.11.0";
import { parseAddress } from "../../lib/address.ts";
import { ADDRESS_SIZE, formatAddress, writeAddress } from "../../lib/native/address_record.ts";
import { ADDRESS } from "../../lib/native/layout.ts";
import { scaled } from "../support/scale.ts";

const RUNS = { numRuns: scaled(5000, 1000) };

/** Writes an address over random bytes. */
function written(hostname: string, family: 4 | 6, before: Uint8Array): DataView {
  const view = new DataView(before.slice().buffer);
  writeAddress(view, 0, hostname, family);
  assertEquals(view.getUint8(ADDRESS.family), family);
  return view;
}

const before = fc.uint8Array({ minLength: ADDRESS_SIZE, maxLength: ADDRESS_SIZE });

Deno.test("an IPv4 address is written in network byte order", () => {
  fc.assert(
    fc.property(fc.ipV4(), before, (text, before) => {
      const view = written(text, 4, before);
      assertEquals([0, 1, 2, 3].map((i) => view.getUint8(ADDRESS.ip + i)), text.split(".").map(Number));
    }),
    RUNS,
  );
});

Deno.test("an IPv6 address and its zone are read as they were written", () => {
  const zone = fc.constantFrom("", "%eth0", "%7", "%abcdefghijklmno");
  fc.assert(
    fc.property(fc.ipV6(), zone, before, (ip, zone, before) => {
      const text = parseAddress(ip + zone)!;
      const view = written(text, 6, before);
      const bytes = new Uint8Array(view.buffer, ADDRESS.zone, ADDRESS.family - ADDRESS.zone);
      const shown = new TextDecoder().decode(bytes).replace(/\0*$/, "");
      assertEquals(formatAddress(view, ADDRESS.ip, 6, 0) + (shown && `%${shown}`), text);
    }),
    RUNS,
  );
});
