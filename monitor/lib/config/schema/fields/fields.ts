/**
 * Fields of the configuration's schema. Messages begin with "must" and don't contain the value: it is appended where
 * the problem is reported, unless it is a secret.
 */

import * as v from "valibot";
import { parseListenAddress } from "../../../listen_address.ts";
import { DURATION, parseDuration } from "../../values/duration.ts";
import { parseSize, SIZE } from "../../values/size.ts";
import { LABEL_NAME, RESERVED_LABELS } from "../../values/label_name.ts";

/** A string that is not empty. */
export function text(what = "a string that is not empty") {
  return v.pipe(v.string(`must be ${what}`), v.minLength(1, `must be ${what}`));
}

/** A duration; the output is in ms. */
export function duration(least: "0ms" | "1ms" | "100ms" | "1s" = "0ms") {
  const bound = least === "0ms" ? "" : `, at least ${least}`;
  const message = `must be a duration such as 500ms, 2s or 1m30s${bound}`;
  return v.pipe(
    v.string(message),
    v.regex(DURATION, message),
    v.transform(parseDuration),
    v.minValue(parseDuration(least), message),
  );
}

/** A listen address. */
export function listenAddress() {
  const message = "must be an address and a port, such as 127.0.0.1:9116";
  return v.pipe(v.string(message), v.check(isListenAddress, message));
}

function isListenAddress(value: string): boolean {
  try {
    parseListenAddress(value);
    return true;
  } catch {
    return false;
  }
}

/** A duration that is not below another one; the output is in ms. */
export function durationOf(least: number, name: string) {
  return v.pipe(duration(), v.minValue(least, `must be a duration of at least ${name}`));
}

/** A size; the output is in bytes. */
export function size(least: number) {
  const message = "must be a size such as 500MB or 2GiB";
  const bounds = `must be a size of at least ${least / 2 ** 20}MiB`;
  return v.pipe(v.string(message), v.regex(SIZE, message), v.transform(parseSize), v.minValue(least, bounds));
}

/** An integer in bounds. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  const message = `must be an integer ${range}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
}

/** A number in bounds. */
export function number(least: number, most: number) {
  const message = `must be a number from ${least} to ${most}`;
  return v.pipe(v.number(message), v.minValue(least, message), v.maxValue(most, message));
}

/** A share: above 0, at most 1. */
export function share() {
  const message = "must be above 0 and at most 1";
  return v.pipe(v.number(message), v.gtValue(0, message), v.maxValue(1, message));
}

/** `true` or `false`. */
export function flag() {
  return v.boolean("must be true or false");
}

/** One of some values. */
export function choice<const Values extends readonly (string | number)[]>(values: Values) {
  return v.picklist(values, `must be one of ${values.join(", ")}`);
}

/**
 * A mapping whose key `type`, or another one, chooses its schema. The message of a problem with the key lists its
 * values.
 */
export function variantOf<const Key extends string, const Options extends v.VariantOptions<Key>>(
  key: Key,
  options: Options,
) {
  return v.variant(
    key,
    options,
    ({ expected }) =>
      expected === "Object"
        ? `must be a mapping with a ${key}`
        : `must be one of ${expected.replaceAll(/[()"]/g, "").replaceAll(" | ", ", ")}`,
  );
}

/** A list. */
export function list<const Item extends v.GenericSchema>(item: Item) {
  return v.array(item, "must be a list");
}

/** A list that is not empty. */
export function filledList<const Item extends v.GenericSchema>(item: Item) {
  return v.pipe(list(item), v.minLength(1, "must be a list that is not empty"));
}

/** Labels: names that Prometheus accepts and the metrics don't use, and strings. */
export function labels() {
  const name = v.pipe(
    v.string(),
    v.regex(
      LABEL_NAME,
      `must have a label name of letters, digits and _, and none of ${RESERVED_LABELS.join(", ")}, __*`,
    ),
  );
  return v.record(name, v.string("must be a string: quote it"), "must be a mapping of labels");
}
