import { assert, assertEquals } from "@std/assert";
import { isIPv4, isIPv6 } from "node:net";
import fc from "npm:fast-check@4.11.0";
import type { Endpoint } from "../../lib/address.ts";
import { RESULT, STATUS } from "../../lib/native/layout.ts";
import { readId, readResult, RESULT_SIZE } from "../../lib/native/result_record.ts";
import { proves } from "../support/evidence.ts";
import { groupsOf } from "../support/ipv6.ts";
import { scaled } from "../support/scale.ts";

const RUNS = { numRuns: scaled(5000, 1000) };
const STATUSES = ["resolved", "up", "refused", "timeout", "unreachable", "unresolved", "local-error"];

/** A record at a random offset of a buffer. */
function view(bytes: Uint8Array, at: number): DataView {
  const buffer = new Uint8Array(at + RESULT_SIZE);
  buffer.set(bytes, at);
  return new DataView(buffer.buffer);
}

Deno.test("any bytes of a result record decode to a result", (t) => {
  const bytes = fc.uint8Array({ minLength: RESULT_SIZE, maxLength: RESULT_SIZE });
  const endpoint: Endpoint = { host: "example.com", port: 80, family: 0 };
  fc.assert(
    fc.property(bytes, fc.constantFrom(0, 4, 6), fc.nat(20), (bytes, family, at) => {
      bytes[RESULT.family] = family;
      const { status, address } = readResult(view(bytes, at), at, {
        target: "example.com:80",
        endpoint,
        details: true,
      }, "socket");
      assert(STATUSES.includes(status), status);
      if (address === undefined) return assertEquals(family, 0);
      const [ip, zone] = address.hostname.split("%");
      assert(family === 4 ? isIPv4(ip) : isIPv6(ip), ip);
      assert(zone === undefined || family === 6 && Number(zone) > 0, zone);
      assertEquals([address.port, address.family], [80, family]);
      const bytesOf = family === 4
        ? ip.split(".").map(Number)
        : groupsOf(ip).flatMap((group) => [group >> 8, group & 0xff]);
      assertEquals(bytesOf, [...bytes.subarray(RESULT.address, RESULT.address + bytesOf.length)]);
    }),
    RUNS,
  );
  proves(t, "input", `${RUNS.numRuns} random records: all decoded`);
});

Deno.test("a decoded result equals the encoded one", () => {
  const time = fc.double({ min: 0, noNaN: true });
  const fields = fc.record({
    dnsTime: time,
    duration: time,
    rtt: time,
    id: fc.nat(0xffffffff),
    retransmits: fc.nat(0xffffffff),
    full: fc.boolean(),
    offer: fc.nat(255),
    windowScale: fc.nat(14),
    window: fc.nat(0xffffffff),
    mss: fc.nat(0xffff),
    details: fc.boolean(),
    engine: fc.constantFrom("socket" as const, "raw" as const),
    octets: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)),
  });
  fc.assert(
    fc.property(fields, fc.nat(20), ({ octets, offer, windowScale, window, mss, details, engine, ...fields }, at) => {
      const { dnsTime, duration, rtt, id, retransmits, full } = fields;
      const record = view(new Uint8Array(RESULT_SIZE), at);
      record.setFloat64(at + RESULT.dnsTime, dnsTime, true);
      record.setFloat64(at + RESULT.duration, duration, true);
      record.setFloat64(at + RESULT.rtt, rtt, true);
      record.setUint32(at + RESULT.id, id, true);
      record.setUint32(at + RESULT.retransmits, retransmits, true);
      record.setUint8(at + RESULT.status, STATUS.up);
      record.setUint8(at + RESULT.family, 4);
      record.setUint8(at + RESULT.full, full ? 1 : 0);
      record.setUint8(at + RESULT.offer, offer);
      record.setUint8(at + RESULT.windowScale, windowScale);
      record.setUint32(at + RESULT.window, window, true);
      record.setUint16(at + RESULT.mss, mss, true);
      octets.forEach((octet, i) => record.setUint8(at + RESULT.address + i, octet));
      const target = "example.com:80";
      const address = { hostname: octets.join("."), port: 80, family: 4 as const };
      const mode = full ? "full" as const : "half-open" as const;
      const has = (bit: number) => (offer & bit) !== 0;
      const peer = {
        ...{ timestamps: has(1), sack: has(2), ecn: has(8), mss },
        ...has(4) && { windowScale },
        ...has(128) && { window },
      };
      assertEquals(readId(record, at), id);
      assertEquals(
        readResult(record, at, { target, endpoint: { host: "example.com", port: 80, family: 0 }, details }, engine),
        { status: "up", target, address, mode, engine, dnsTime, duration, rtt, retransmits, ...details && { peer } },
      );
    }),
    RUNS,
  );
});
