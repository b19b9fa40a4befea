import { assertEquals } from "@std/assert";
import { isIP } from "node:net";
import fc from "npm:fast-check@4.11.0";
import { addressFamily } from "../../lib/targets/ip_number.ts";
import { scaled } from "../support/scale.ts";

Deno.test("the family of an address equals that of Node's isIP()", () => {
  const nearly = fc.array(fc.constantFrom(..."0123456789abcdef::::...."), { maxLength: 24 }).map((all) => all.join(""));
  const zoned = fc.tuple(fc.ipV6(), fc.stringMatching(/^[a-z0-9]{0,15}$/)).map((parts) => parts.join("%"));
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), zoned, nearly), (text) => {
      assertEquals(addressFamily(text) ?? 0, isIP(text), text);
    }),
    { numRuns: scaled(10_000, 1000) },
  );
});
