/** Mark of a state: a shape and a colour. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { h } from "../html/h.ts";
import type { State } from "../../state.ts";

/** State shown by a mark. */
export type MarkState = State | "degraded" | "flapping" | "notice";

/** Shapes in a square of 12: disc, triangle, ring, two bars, half disc, zigzag, diamond. */
const SHAPES: Readonly<Record<MarkState, string>> = {
  up: "M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9z",
  down: "M.5 2h11L6 11.5z",
  unknown: "M6 1a5 5 0 1 1 0 10a5 5 0 1 1 0-10zM6 3a3 3 0 1 0 0 6a3 3 0 1 0 0-6z",
  maintenance: "M2 1.5h3v9h-3zM7 1.5h3v9h-3z",
  degraded: "M6 1a5 5 0 1 1 0 10a5 5 0 1 1 0-10zM6 2.6v6.8a3.4 3.4 0 1 0 0-6.8z",
  flapping: "M0 7.5 3 2l3 5 3-5 3 5.5-1.6 1L9 5.5 6 10.5 3 5.500 1.600 8.500z",
  notice: "M6 .5 11.500 6 6 11.500.5 6z",
};

/** The mark. It is hidden from screen readers, because the state is also shown as text. */
export function Mark({ state }: { state: MarkState }) {
  return (
    <svg class={`mark ${state}`} viewBox="0 0 12 12" aria-hidden="true">
      <path d={SHAPES[state]} />
    </svg>
  );
}
