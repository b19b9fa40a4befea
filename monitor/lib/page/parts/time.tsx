/** Times on the page. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { h } from "../html/h.ts";
import { spanText, timeText } from "../html/text.ts";

/** A point in time. */
export function Time({ at }: { at: number }) {
  return <time datetime={new Date(at).toISOString()}>{timeText(at)}</time>;
}

/** Time since a point in time. The page's script updates it. */
export function Ago({ at, now }: { at: number; now: number }) {
  return (
    <time datetime={new Date(at).toISOString()} data-ago="" title={`${timeText(at)} UTC`}>{spanText(now - at)}</time>
  );
}
