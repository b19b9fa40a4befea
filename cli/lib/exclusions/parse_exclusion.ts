/** Parses one excluded target: an address, a network, a range or a name. */

import { expandTargets } from "@tcp-shaker/tcp-shaker";
import { addressNumber, type AddressRange, parseNetwork } from "@tcp-shaker/tcp-shaker/address-set";
import { addressFamily } from "@tcp-shaker/tcp-shaker/ip-number";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { UsageError } from "../usage_error.ts";

const RANGE = /^([\da-f.:]+)-([\da-f.:]+)$/i;
const WITH_PORT = /^(?:[^:[\]]+|\[[^\]]*\](?:\/\d+)?):[^:]*$/;
const FORMS = "use an address, a network (192.0.2.0/24), a range (192.0.2.5-192.0.2.9) or a name";

/**
 * Parses an excluded target.
 *
 * @param text The text.
 * @returns The range of addresses; or the name, which needs to be resolved.
 * @throws {UsageError} If the text is malformed.
 */
export function parseExclusion(text: string): AddressRange | string {
  if (WITH_PORT.test(text)) throw cannotExclude(text, "all ports of a host are excluded: leave out the port");
  const [, first, last] = RANGE.exec(text) ?? [];
  if (first !== undefined && /[.:]/.test(first)) return parseRange(text, first, last);
  const network = parseNetwork(text.replace(/^\[(.*)\]/, "$1"));
  if (network !== undefined) return network;
  const host = parseHost(text);
  return parseNetwork(host) ?? host;
}

function parseRange(text: string, firstText: string, lastText: string): AddressRange {
  const family = addressFamily(firstText);
  if (family === undefined || addressFamily(lastText) !== family) throw cannotExclude(text, FORMS);
  const [first, last] = [addressNumber(firstText), addressNumber(lastText)];
  if (first > last) throw cannotExclude(text, "the range ends before it starts: swap its ends");
  return { first, last };
}

/** Parses a name, or an address in another form. */
function parseHost(text: string): string {
  try {
    return expandTargets(text, { ports: "1", limit: Infinity }).at(0).hostname;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const reason = error.message.replace(/^Cannot check (?:"(?:[^"\\]|\\.)*"(?:\.\.\. \(.*?\))?: )?/, "");
    throw cannotExclude(text, /host:port|ranges of addresses/.test(reason) ? FORMS : reason);
  }
}

function cannotExclude(text: string, reason: string): UsageError {
  return new UsageError(`Cannot exclude ${quote(text)}: ${reason}`);
}
