/** State of the live view: the scroll position and the filter, which keys change. */

import type { Key } from "./keys.ts";

/** Scroll position and filter of the rows. */
export interface View {
  /** The number of rows above the first visible row. */
  readonly top: number;
  /** The filter; "" for none. */
  readonly filter: string;
  /** Whether keys go to the filter. */
  readonly isPrompt: boolean;
}

/** The view at the start. */
export const INITIAL_VIEW: View = { top: 0, filter: "", isPrompt: false };

/** Size of the scrollable rows. */
export interface Extent {
  /** Number of rows that match the filter. */
  readonly count: number;
  /** Number of rows that fit. */
  readonly page: number;
}

/**
 * Changes a view by a key.
 *
 * @param view The view.
 * @param key The key.
 * @param extent The size of the scrollable rows.
 * @returns The new view; `"quit"` if the user quits.
 */
export function applyKey(view: View, key: Key, extent: Extent): View | "quit" {
  const scrolled = scroll(view.top, key, extent);
  if (scrolled !== undefined) return { ...view, top: clamp(scrolled, extent) };
  return view.isPrompt ? edit(view, key) : command(view, key);
}

/** Limits the scroll position. */
export function clamp(top: number, { count, page }: Extent): number {
  return Math.max(Math.min(top, count - page), 0);
}

function scroll(top: number, key: Key, { count, page }: Extent): number | undefined {
  // One row stays visible, as orientation.
  const step = Math.max(page - 1, 1);
  switch (key) {
    case "up":
      return top - 1;
    case "down":
      return top + 1;
    case "page-up":
      return top - step;
    case "page-down":
      return top + step;
    case "home":
      return 0;
    case "end":
      return count;
  }
}

function edit(view: View, key: Key): View {
  const { filter } = view;
  switch (key) {
    case "enter":
      return { ...view, isPrompt: false };
    case "escape":
      return { ...view, filter: "", isPrompt: false, top: 0 };
    case "backspace":
      return { ...view, filter: [...filter].slice(0, -1).join(""), top: 0 };
    case "erase":
      return { ...view, filter: "", top: 0 };
  }
  return typeof key === "string" ? view : { ...view, filter: filter + key.text, top: 0 };
}

function command(view: View, key: Key): View | "quit" {
  if (key === "escape") return { ...view, filter: "", top: 0 };
  if (typeof key === "string") return view;
  switch (key.text) {
    case "q":
      return "quit";
    case "/":
      return { ...view, isPrompt: true };
    default:
      return view;
  }
}
