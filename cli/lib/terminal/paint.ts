/** Styles of the help: headings and literals, as in clap. */

import { styleText } from "node:util";

/** Styles texts. */
export interface Paint {
  /** Styles the heading of a section. */
  readonly heading: (text: string) => string;
  /** Styles text that is typed literally. */
  readonly literal: (text: string) => string;
}

/** For files, pipes and `NO_COLOR`. */
export const PLAIN: Paint = { heading: (text) => text, literal: (text) => text };

/** For terminals. */
export const STYLED: Paint = {
  heading: (text) => styleText(["bold", "underline"], text, { validateStream: false }),
  literal: (text) => styleText("bold", text, { validateStream: false }),
};
