/**
 * Live updates of the page by server-sent events: changes of targets, and one summary per second. After changes it
 * fetches the page again after a random delay, and replaces the sections.
 */
(() => {
  "use strict";

  const { root, target } = document.body.dataset;
  const freshness = document.getElementById("freshness");
  /** Time in ms without a message after which the page is stale. */
  const SILENCE_MS = 5000;
  /** Minimum delay in ms from a change to the next fetch. A random delay of up to the same length is added. */
  const REREAD_MS = 2000;
  /** Interval of fetches in ms while there is no stream. */
  const POLL_MS = 15_000;
  const SIDE = 10;
  const CELLS = {
    up: "m1.5 1.5h7v7h-7z",
    down: "m.5 .5h9v9h-9z",
    degraded: "m1.5 1.5h7l-7 7z",
    unknown: "m1.5 1.5h7v7h-7zm2 2v3h3v-3z",
    maintenance: "m1.5 1.5h2.500v7h-2.500zm4.500 0h2.500v7h-2.500z",
  };

  /** Offset of the server's clock from the browser's, in ms. */
  let ahead = 0;
  let lastNews = performance.now();
  let lastAt = Number(document.body.dataset.at);
  let source;
  let rereading;
  let isConnected = false;
  /** Time of the newest change. An older copy of the page is not shown. */
  let changedAt = 0;
  /** Whether something has changed since the fetch was scheduled. */
  let isChanged = false;

  function show(state, text) {
    if (freshness.dataset.state === state && freshness.textContent === text) return;
    freshness.dataset.state = state;
    freshness.textContent = text;
  }

  function clock(at) {
    return new Date(at).toISOString().slice(11, 19);
  }

  function news(at) {
    lastNews = performance.now();
    lastAt = at;
    ahead = at - Date.now();
    show("live", "Live");
  }

  function takeSummary({ at, counts, headline, title, marks }) {
    news(at);
    if (target !== undefined) return;
    document.title = title;
    const line = document.getElementById("headline");
    if (line.textContent !== headline) line.textContent = headline;
    const heading = line.closest("h1");
    if (heading.className !== marks) {
      heading.className = marks;
      rereadSoon();
    }
    for (const [name, text] of Object.entries(counts)) {
      const tile = document.querySelector(`.tiles li.${name}`);
      const count = tile?.querySelector(".count");
      if (!count || count.textContent === text) continue;
      count.textContent = text;
      tile.classList.toggle("zero", text === "0");
    }
  }

  function takeChanges({ at, changedAt: newest, changes, isCut }) {
    news(at);
    changedAt = Math.max(changedAt, newest);
    if (target === undefined) { for (const change of changes) takeChange(change); }
    if (isCut || changes.some(({ id }) => target === undefined || id === target)) rereadSoon();
  }

  function takeChange({ id, group, cell, size, state, row, event }) {
    if (event !== undefined) prependEvent(event);
    if (row === undefined) return;
    setCell(group, cell, size, state);
    const known = document.querySelector(`#targets tr[data-id="${CSS.escape(id)}"]`);
    const next = parseRow(row);
    if (known !== null) {
      const hadFocus = known.contains(document.activeElement);
      next.querySelector(".past").replaceWith(known.querySelector(".past"));
      known.replaceWith(next);
      if (hadFocus) next.querySelector("a").focus();
      next.classList.add("changed");
    } else if (state === "down" && location.search === "") {
      prependRow(next);
    }
  }

  /** Inserts a row at the top, and removes the last rows, so that thousands of transitions don't lengthen the list. */
  function prependRow(row) {
    const list = document.querySelector("#targets tbody");
    if (list === null) return;
    list.prepend(row);
    row.classList.add("changed");
    shorten(list);
  }

  function parseRow(html) {
    const template = document.createElement("template");
    template.innerHTML = `<table><tbody>${html}</tbody></table>`;
    return document.importNode(template.content.querySelector("tr"), true);
  }

  function prependEvent(html) {
    const list = document.getElementById("event-list");
    if (list === null) return;
    const template = document.createElement("template");
    template.innerHTML = html;
    list.prepend(template.content);
    shorten(list);
  }

  /** Removes the last items of a list that is longer than the server renders it. */
  function shorten(list) {
    const { max } = list.closest("[data-max]").dataset;
    while (list.children.length > max) list.lastElementChild.remove();
  }

  /** Draws a cell over the map. The next fetch replaces the map. */
  function setCell(group, index, size, state) {
    const map = [...document.querySelectorAll("svg.heat")].find((map) => map.dataset.group === group);
    if (map === undefined || Number(map.dataset.cells) !== size || index === undefined) return;
    const columns = Number(map.dataset.columns);
    const [x, y] = [index % columns * SIDE, Math.floor(index / columns) * SIDE];
    const key = `${x},${y}`;
    map.querySelector(`[data-cell="${key}"]`)?.remove();
    const drawn = document.createElementNS(map.namespaceURI, "g");
    drawn.dataset.cell = key;
    for (const [name, d] of [["blank", "h10v10h-10z"], [state, CELLS[state]]]) {
      const path = document.createElementNS(map.namespaceURI, "path");
      path.setAttribute("class", name);
      path.setAttribute("d", `M${x} ${y}${d}`);
      drawn.append(path);
    }
    map.append(drawn);
  }

  function rereadSoon() {
    if (rereading !== undefined) isChanged = true;
    rereading ??= setTimeout(reread, REREAD_MS * (1 + Math.random()));
  }

  async function reread() {
    rereading = undefined;
    if (document.hidden) return;
    if (isChanged) rereadSoon();
    isChanged = false;
    try {
      const response = await fetch(location.pathname + location.search, { cache: "no-cache" });
      if (response.status === 404 && target !== undefined) return show("lost", "This target was removed");
      if (!response.ok) return;
      const next = new DOMParser().parseFromString(await response.text(), "text/html");
      const hasNewScripts = [...next.querySelectorAll("head > [src], head > [href]")].some((element) =>
        document.querySelector(
          `head > [src="${element.getAttribute("src")}"], head > [href="${element.getAttribute("href")}"]`,
        ) ===
          null
      );
      // The agent has been updated.
      if (hasNewScripts) return location.reload();
      const at = Number(next.body.dataset.at);
      if (at < changedAt) return rereadSoon();
      replaceSections(next);
      lastAt = at;
      if (!isConnected) show("stale", `Not live: as of ${clock(lastAt)}`);
      document.dispatchEvent(new Event("reread"));
    } catch {
      // The agent is unreachable. The stream reports that.
    }
  }

  function replaceSections(next) {
    document.title = next.title;
    for (const section of document.querySelectorAll("[data-live]")) {
      const other = next.getElementById(section.id);
      if (other === null || other.innerHTML === section.innerHTML) continue;
      const focused = section.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      section.replaceChildren(...[...other.childNodes].map((node) => document.importNode(node, true)));
      if (focused !== null) {
        const same = [...section.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused);
        (same ?? document.getElementById("content")).focus({ preventScroll: true });
      }
    }
    updateTimes();
  }

  function spanText(ms) {
    const units = [["d", 86_400], ["h", 3600], ["min", 60], ["s", 1]];
    const seconds = Math.max(0, Math.round(ms / 1000));
    const first = units.findIndex(([, size]) => seconds >= size);
    if (first < 0) return "0 s";
    const [[name, size], next] = units.slice(first);
    const rest = next === undefined ? 0 : Math.floor(seconds % size / next[1]);
    return `${Math.floor(seconds / size)} ${name}${rest > 0 ? ` ${rest} ${next[0]}` : ""}`;
  }

  function updateTimes() {
    const now = Date.now() + ahead;
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const text = spanText(now - Date.parse(time.dateTime));
      if (time.textContent !== text) time.textContent = text;
    }
  }

  function connect() {
    source?.close();
    source = new EventSource(`${root}live`);
    source.addEventListener("summary", ({ data }) => {
      // The stream does not contain earlier changes.
      if (!isConnected) rereadSoon();
      isConnected = true;
      takeSummary(JSON.parse(data));
    });
    source.addEventListener("changes", ({ data }) => takeChanges(JSON.parse(data)));
    source.addEventListener("lost", rereadSoon);
    source.addEventListener("error", () => {
      isConnected = false;
    });
  }

  function watch() {
    if (document.hidden) return;
    const silence = performance.now() - lastNews;
    if (silence > SILENCE_MS) {
      show("stale", `Stale: no update since ${clock(lastAt)} UTC`);
      // The server has too many streams, or the connection is broken without an error.
      if (source.readyState === EventSource.CLOSED || silence > 3 * SILENCE_MS) {
        isConnected = false;
        lastNews = performance.now() - SILENCE_MS;
        connect();
      }
    }
    updateTimes();
  }

  // A background tab closes its connection, because a browser allows six per host.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
      isConnected = false;
    } else {
      lastNews = performance.now();
      connect();
    }
  });
  // "/" focuses the search field, as on other sites.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(?:input|select|textarea)$/i.test(document.activeElement?.tagName ?? "")) return;
    const search = document.querySelector("input[type=search]");
    if (search === null) return;
    event.preventDefault();
    search.focus();
  });
  // A click on a cell without a link opens its target.
  document.addEventListener("click", (event) => {
    const map = event.target.closest?.("svg.heat");
    if (!map || event.target.closest("a")) return;
    const box = map.getBoundingClientRect();
    const columns = Number(map.dataset.columns);
    const side = box.width / columns;
    const index = Math.floor((event.clientY - box.top) / side) * columns +
      Math.floor((event.clientX - box.left) / side);
    if (index >= Number(map.dataset.cells)) return;
    location.href = `${root}cells/${index}?${new URLSearchParams({ group: map.dataset.group })}`;
  });

  connect();
  setInterval(watch, 1000);
  setInterval(() => {
    if (!isConnected) rereadSoon();
  }, POLL_MS);
})();
