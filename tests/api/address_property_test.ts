import { assert, assertEquals } from "@std/assert";
import { isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import fc from "npm:fast-check@4.11.0";
import { type Endpoint, parseEndpoint } from "../../lib/address.ts";
import type { CheckTarget } from "../../mod.ts";
import { proves } from "../support/evidence.ts";
import { groupsOf } from "../support/ipv6.ts";
import { scaled } from "../support/scale.ts";

const RUNS = { numRuns: scaled(5000, 1000) };

const port = fc.integer({ min: 1, max: 65535 });
const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join("."));
/** Groups of an address, half of them 0 as in real addresses. */
const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
const zone = fc.oneof(fc.constant(""), fc.stringMatching(/^%[a-z0-9.@_-]{1,15}$/));

/** Parses a target; `undefined` if it is rejected as malformed. */
function parse(target: unknown): Endpoint | undefined {
  try {
    return parseEndpoint(target as CheckTarget);
  } catch (error) {
    assert(error instanceof TypeError || error instanceof RangeError, `${error}`);
    // The error is ours, and its message has one line.
    assert(/^Cannot check .{1,400}$/.test(error.message), error.message);
  }
}

/** Asserts that independent parsers accept an endpoint. */
function assertSound({ host, port, family }: Endpoint): void {
  assert(Number.isInteger(port) && port >= 1 && port <= 65535, `port ${port}`);
  if (family === 4) return assert(isIPv4(host), host);
  if (family === 6) return assert(isIPv6(host.split("%")[0]) && !/[\s%]/.test(host.split("%")[1] ?? ""), host);
  // URL parses the host to the same name, which is not an address.
  assertEquals(URL.parse(`http://${host}`)?.hostname, host.toLowerCase());
  assert(!isIPv4(host) && !isIPv6(host) && host.length <= 254, host);
  assert(host.replace(/\.$/, "").split(".").every((label) => /^[\w-]{1,63}$/.test(label)), host);
}

type Spelling = { capitals: boolean; digits: number; dotted: boolean; squeezed: [number, number] | null };

/** A random spelling of an address: case, leading zeros, "::" and an IPv4 tail vary. */
const spelling: fc.Arbitrary<Spelling> = fc.record({
  capitals: fc.boolean(),
  digits: fc.integer({ min: 1, max: 4 }),
  dotted: fc.boolean(),
  squeezed: fc.option(fc.tuple(fc.nat(7), fc.nat(7))),
});

function spell(groups: number[], { capitals, digits, dotted, squeezed }: Spelling): string {
  const texts = groups.map((group) => group.toString(16).padStart(digits, "0"));
  if (dotted) texts.splice(6, 2, groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]).join("."));
  let text = texts.join(":");
  const [from, to] = (squeezed ?? [1, 0]).toSorted();
  if (
    squeezed !== null && to < texts.length - (dotted ? 1 : 0) &&
    groups.slice(from, to + 1).every((group) => group === 0)
  ) {
    text = `${texts.slice(0, from).join(":")}::${texts.slice(to + 1).join(":")}`;
  }
  return capitals ? text.toUpperCase() : text;
}

Deno.test("any target is either parsed or rejected as malformed", (t) => {
  let [understood, refused] = [0, 0];
  const nearly = fc.array(fc.constantFrom(..."[]::::....%%0123456789abcdef-_@/ xü\0\n"), { maxLength: 24 }).map((all) =>
    all.join("")
  );
  const nearlyOctets = fc.array(fc.nat(300), { minLength: 3, maxLength: 5 }).map((bytes) => bytes.join("."));
  const zoned = fc.tuple(fc.ipV6(), fc.string()).map(([address, zone]) => `${address}%${zone}`);
  const text = fc.oneof(
    nearly,
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.domain(),
    octets,
    nearlyOctets,
    fc.ipV6(),
    zoned,
  );
  const number = fc.oneof(port, fc.double(), fc.integer());
  const target = fc.oneof(
    text,
    fc.tuple(text, number).map(([host, port]) => `${host}:${port}`),
    fc.tuple(fc.oneof(text, zoned), number).map(([host, port]) => `[${host}]:${port}`),
    fc.record({ hostname: text, port: number }),
    fc.record({ hostname: fc.anything(), port: fc.anything() }, { requiredKeys: [] }),
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true }),
  );
  fc.assert(
    fc.property(target, (target) => {
      const endpoint = parse(target);
      if (endpoint === undefined) return void refused++;
      understood++;
      assertSound(endpoint);
    }),
    { numRuns: 4 * RUNS.numRuns },
  );
  assert(understood > 0 && refused > 0);
  proves(t, "input", `${understood + refused} random targets: ${understood} parsed, ${refused} rejected`);
});

Deno.test("an IPv4 address is kept unchanged", () => {
  fc.assert(
    fc.property(octets, port, (hostname, port) => {
      const endpoint: Endpoint = { host: hostname, port, family: 4 };
      assertEquals(parseEndpoint(`${hostname}:${port}`), endpoint);
      assertEquals(parseEndpoint({ hostname, port }), endpoint);
    }),
    RUNS,
  );
});

Deno.test("an IPv6 address is the same in all spellings", (t) => {
  fc.assert(
    fc.property(groups, spelling, zone, port, (groups, how, zone, port) => {
      const written = spell(groups, how);
      const { host, family } = parseEndpoint(`[${written}${zone}]:${port}`);
      const address = host.split("%")[0];
      assertEquals(family, 6);
      assertEquals(host, address + zone);
      assertEquals(groupsOf(address), groups, written);
      assertEquals(host, parseEndpoint({ hostname: spell(groups, { ...how, squeezed: null }) + zone, port }).host);
      // RFC 5952: lower case, no leading zeros, "::" for two groups or more.
      assert(!/[A-F]|(?<![\da-f])0[\da-f]/.test(address), address);
      const squeezable = groups.some((group, i) => i > 0 && group === 0 && groups[i - 1] === 0);
      assertEquals(address.includes("::"), squeezable, address);
    }),
    RUNS,
  );
  proves(t, "input", `${RUNS.numRuns} IPv6 addresses in ${2 * RUNS.numRuns} spellings: all parsed`);
});

Deno.test("a name in ASCII is kept unchanged", () => {
  fc.assert(
    fc.property(fc.domain(), fc.constantFrom("", "."), port, (domain, dot, port) => {
      assertEquals(parseEndpoint(`${domain}${dot}:${port}`), { host: domain + dot, port, family: 0 });
    }),
    RUNS,
  );
});

Deno.test("a name outside ASCII is converted by IDNA", (t) => {
  const scripts = ["äöüßéñç", "яжщюё", "漢字仮名", "한국어", "αβγς", "ไทย", "هند", "ÀÉÎ", "ａｂ", "a1-"];
  const label = fc.constantFrom(...scripts).chain((letters) =>
    fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 12 })
  )
    .map((letters) => letters.join(""));
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  let understood = 0;
  fc.assert(
    fc.property(name, (name) => {
      const endpoint = parse(`${name}:80`);
      if (endpoint === undefined) return;
      understood++;
      assertSound(endpoint);
      if (/[^\0-\x7f]/.test(name)) assertEquals(endpoint.host, domainToASCII(name));
    }),
    RUNS,
  );
  assert(understood > RUNS.numRuns / 2);
  proves(t, "input", `${RUNS.numRuns} names outside ASCII: ${understood} parsed`);
});
