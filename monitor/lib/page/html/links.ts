/** Links between pages. They are relative, so that a reverse proxy can serve the pages below any path. */

/** Query of the list of targets. Absent parts have their defaults. */
export interface ListQuery {
  /** Substring of the id, the address, the group or a label. */
  readonly q?: string;
  /** The group; {@linkcode NO_GROUP} for targets without one. */
  readonly group?: string;
  /** The state or flag. */
  readonly state?: string;
  /** The window of the bars. */
  readonly window?: string;
  /** The number of the page, from 1. */
  readonly page?: number;
}

/** Value of `group` in URLs for targets without a group. */
export const NO_GROUP = "-";

/**
 * Creates the URL of a list.
 *
 * @param query The query.
 * @param root Relative path to the first page: `""` or `"../"`.
 */
export function listHref(query: ListQuery, root = ""): string {
  const parameters = new URLSearchParams();
  for (const name of ["q", "group", "state", "window"] as const) {
    if (query[name]) parameters.set(name, query[name]);
  }
  if (query.page !== undefined && query.page > 1) parameters.set("page", String(query.page));
  return parameters.size === 0 ? root || "./" : `${root}?${parameters}`;
}

/** Creates the URL of a target's page. */
export function targetHref(id: string, root = ""): string {
  // A browser would resolve "." and ".." as folders.
  const path = encodeURIComponent(id).replace(/^\.+$/, (dots) => dots.replaceAll(".", "%2E"));
  return `${root}targets/${path}`;
}
