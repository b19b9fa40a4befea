/** Links between pages. They are relative, so that a reverse proxy may serve them under a path of its own. */

/** What the list of targets shows. An absent part is the default. */
export interface ListQuery {
  /** A part of the id, the address, the group or a label. */
  readonly q?: string;
  /** The group; {@linkcode NO_GROUP} for targets without one. */
  readonly group?: string;
  /** The state or flag. */
  readonly state?: string;
  /** The time of the bars. */
  readonly window?: string;
  /** The number of the page, from 1. */
  readonly page?: number;
}

/** The group of targets without a group, in URLs. */
export const NO_GROUP = "-";

/**
 * Makes the address of a list.
 *
 * @param query What it shows.
 * @param root The way to the first page: `""` or `"../"`.
 */
export function listHref(query: ListQuery, root = ""): string {
  const parameters = new URLSearchParams();
  for (const name of ["q", "group", "state", "window"] as const) {
    if (query[name]) parameters.set(name, query[name]);
  }
  if (query.page !== undefined && query.page > 1) parameters.set("page", String(query.page));
  return parameters.size === 0 ? root || "./" : `${root}?${parameters}`;
}

/** Makes the address of a target's page. */
export function targetHref(id: string, root = ""): string {
  // A path that is "." or ".." would be another folder.
  const path = encodeURIComponent(id).replace(/^\.+$/, (dots) => dots.replaceAll(".", "%2E"));
  return `${root}targets/${path}`;
}
