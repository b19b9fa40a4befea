/** Pagination of the targets of a query, by a cursor. */

import { matcher, STATE_FILTERS, type TargetFilter } from "../../status/target_filter.ts";
import type { FleetSnapshot } from "../../status/fleet_snapshot.ts";
import { compareTargets } from "../../status/id_order.ts";
import type { TargetState } from "../../target_state.ts";
import type { Query } from "./query.ts";

/** Query of a page. */
export interface PageQuery {
  readonly filter: TargetFilter;
  /** The last target of the previous page. */
  readonly after?: Cursor;
  readonly limit: number;
}

/** A page. */
export interface Page {
  /** Number of targets on all pages. */
  readonly total: number;
  readonly states: readonly TargetState[];
  /** The cursor of the next page; absent on the last one. */
  readonly next?: string;
}

type Cursor = Pick<TargetState, "group" | "id">;

const LIMIT = { min: 1, max: 1000, default: 100 };

/** Reads the parameters of a page. */
export function readPageQuery(query: Query): PageQuery {
  const filter = {
    states: query.words("state", STATE_FILTERS),
    group: query.text("group"),
    text: query.text("q"),
  };
  const cursor = query.text("cursor");
  const after = cursor === undefined ? undefined : parseCursor(cursor);
  if (cursor !== undefined && after === undefined) {
    query.problem("cursor must be the value of next of the previous page");
  }
  return { filter, after, limit: query.integer("limit", LIMIT) };
}

/**
 * Finds a page. Targets that are added or removed between two pages cause no gap and no repetition.
 *
 * @param snapshot All targets.
 * @param query The filter, the cursor and the limit.
 */
export function findPage({ states }: FleetSnapshot, { filter, after, limit }: PageQuery): Page {
  const wanted = states.filter(matcher(filter));
  const begin = after === undefined ? 0 : wanted.findIndex((state) => compareTargets(state, after) > 0);
  const page = begin < 0 ? [] : wanted.slice(begin, begin + limit);
  const isLast = begin < 0 || begin + limit >= wanted.length;
  return { total: wanted.length, states: page, ...!isLast && { next: formatCursor(page.at(-1)!) } };
}

function formatCursor({ group, id }: Cursor): string {
  return new TextEncoder().encode(JSON.stringify([group, id])).toBase64({ alphabet: "base64url", omitPadding: true });
}

function parseCursor(text: string): Cursor | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    const [group, id]: unknown[] = JSON.parse(new TextDecoder().decode(bytes));
    return typeof group === "string" && typeof id === "string" ? { group, id } : undefined;
  } catch {
    return undefined;
  }
}
