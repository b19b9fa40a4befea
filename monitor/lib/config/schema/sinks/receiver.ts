/** Keys of HTTP receivers: their URL and token are secrets. */

import * as v from "valibot";
import { duration } from "../fields/fields.ts";
import { secretEntries } from "../fields/secret.ts";

/** The entries of a section for a receiver. */
export const RECEIVER = {
  ...secretEntries("url"),
  ...secretEntries("token"),
  timeout: v.optional(duration("1ms")),
};

/** The problem of a receiver without a URL. */
export const MISSING_URL = "Missing key url, or url_file";
