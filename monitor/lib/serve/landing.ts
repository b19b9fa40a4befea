/** Landing page: links to the other pages. */

import type { Reply } from "./reply.ts";

const PAGE = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>tcp-checker monitor</title>
<h1>tcp-checker monitor</h1>
<ul>
<li><a href="metrics">Metrics</a>
<li><a href="-/healthy">Health</a>
<li><a href="-/ready">Readiness</a>
</ul>
`;

/** Makes the page. */
export function landingPage(): Reply {
  return { type: "text/html; charset=utf-8", body: [PAGE] };
}
