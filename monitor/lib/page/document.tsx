/** Layout of all pages: head, header and footer. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { type Child, h } from "./html/h.ts";
import { ASSETS } from "./assets.ts";
import { timeText } from "./html/text.ts";

/** Properties of a page. */
export interface DocumentProps {
  readonly title: string;
  /** Relative path to the first page: `""` or `"../"`. */
  readonly root: string;
  /** When its content was read, in ms since 1970. */
  readonly at: number;
  /** The id of the target; absent on the first page. */
  readonly target?: string;
  readonly children?: Child;
}

/** Renders a page. All text is escaped. */
export function renderDocument(props: DocumentProps): string {
  return `<!DOCTYPE html>\n${(<Document {...props} />).text}\n`;
}

function Document({ title, root, at, target, children }: DocumentProps) {
  const asset = (name: keyof typeof ASSETS) => `${root}assets/${ASSETS[name].name}`;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="icon" type="image/svg+xml" href={asset("icon")} />
        {target !== undefined && <link rel="stylesheet" href={asset("plotStyle")} />}
        <link rel="stylesheet" href={asset("style")} />
        <script defer src={asset("live")} />
        {target !== undefined && <script defer src={asset("plot")} />}
        {target !== undefined && <script defer src={asset("target")} />}
      </head>
      <body data-root={root} data-target={target} data-at={at}>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
          <a class="brand" href={root || "./"}>
            <img src={asset("icon")} alt="" width="24" height="24" />
            tcp-checker
          </a>
          <p id="freshness" data-state="static">
            As of <time datetime={new Date(at).toISOString()}>{timeText(at)}</time> UTC
          </p>
        </header>
        <main id="content" tabindex={-1}>{children}</main>
        <footer>
          <p>Times are UTC.</p>
          <nav aria-label="More">
            <a href={`${root}api/v1/summary`}>API</a>
            <a href={`${root}metrics`}>Metrics</a>
            <a href={`${root}-/healthy`}>Health</a>
          </nav>
        </footer>
      </body>
    </html>
  );
}
