/** First page: all targets, those that are not up first. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { Fragment, h } from "./html/h.ts";
import type { GroupSnapshot } from "../status/fleet_snapshot.ts";
import type { Counts } from "../status/counts.ts";
import type { TargetState } from "../target_state.ts";
import { renderDocument } from "./document.tsx";
import { listHref, type ListQuery, NO_GROUP } from "./html/links.ts";
import { MAX_EVENTS, MAX_ROWS } from "./list_lengths.ts";
import { EventList, type ListedEvent } from "./parts/events.tsx";
import { Groups } from "./parts/groups.tsx";
import { HeatMapPattern } from "./parts/heat_map.tsx";
import { documentTitle, Notices, Summary } from "./parts/summary.tsx";
import { type RowHistory, TargetRow } from "./parts/target_row.tsx";
import { numberOf, STATE_NAMES } from "./html/text.ts";

/** Model of the first page. */
export interface FleetModel {
  /** When it was read, in ms since 1970. */
  readonly at: number;
  readonly query: ListQuery;
  readonly counts: Counts;
  /** Names of all groups. */
  readonly groupNames: readonly string[];
  /** The groups with a card, and the number of other groups. */
  readonly groups: readonly GroupSnapshot[];
  readonly hiddenGroups: number;
  readonly rows: readonly { readonly state: TargetState; readonly history: RowHistory }[];
  /** Number of rows on all pages of the list. */
  readonly total: number;
  readonly pages: number;
  readonly conditions: readonly ListedEvent[];
  readonly problems: readonly string[];
  readonly events: readonly ListedEvent[] | undefined;
  /** Note about missing history. */
  readonly historyNote: string | undefined;
}

/** Renders the page. */
export function renderFleet(model: FleetModel): string {
  return renderDocument({
    title: documentTitle(model.counts),
    root: "",
    at: model.at,
    children: <FleetPage {...model} />,
  });
}

function FleetPage(model: FleetModel) {
  const { counts, groups, hiddenGroups, conditions, problems, events } = model;
  return (
    <>
      <HeatMapPattern />
      <section id="summary" data-live="" aria-label="Summary">
        <Summary counts={counts} />
        <Notices conditions={conditions} problems={problems} />
      </section>
      <SearchForm {...model} />
      <section id="targets" data-live="" data-max={MAX_ROWS} aria-labelledby="targets-heading">
        <TargetList {...model} />
      </section>
      <div id="groups" data-live="">
        {groups.length > 0 && <Groups groups={groups} hidden={hiddenGroups} />}
      </div>
      <section id="events" data-live="" data-max={MAX_EVENTS} aria-labelledby="events-heading">
        <h2 id="events-heading">Recent events</h2>
        <EventList events={events} empty="No events yet." />
      </section>
    </>
  );
}

function SearchForm({ query, groupNames }: FleetModel) {
  return (
    <search>
      <form action="./" method="get">
        <label>
          <span>Search</span>
          <input type="search" name="q" value={query.q ?? ""} placeholder="name, address, label" autocomplete="off" />
        </label>
        <label>
          <span>Group</span>
          <select name="group">
            <Option value="" text="All groups" chosen={query.group} />
            {groupNames.map((name) => (
              name === ""
                ? <Option value={NO_GROUP} text="No group" chosen={query.group} />
                : <Option value={name} text={name} chosen={query.group} />
            ))}
          </select>
        </label>
        <label>
          <span>State</span>
          <select name="state">
            <Option value="" text="All states" chosen={query.state} />
            {Object.entries(STATE_NAMES).map(([value, text]) => (
              <Option value={value} text={text} chosen={query.state} />
            ))}
          </select>
        </label>
        <label>
          <span>Bars</span>
          <select name="window">
            <Option value="" text="24 hours" chosen={query.window} />
            <Option value="90d" text="90 days" chosen={query.window} />
          </select>
        </label>
        <button type="submit">Show</button>
        {isFiltered(query) && <a class="reset" href={listHref({ window: query.window })}>Reset</a>}
      </form>
    </search>
  );
}

function Option({ value, text, chosen = "" }: { value: string; text: string; chosen?: string }) {
  return <option value={value} selected={value === chosen}>{text}</option>;
}

function TargetList({ query, rows, total, pages, counts, at, historyNote }: FleetModel) {
  return (
    <>
      <h2 id="targets-heading">
        {isFiltered(query) ? `${numberOf(total, "target")} of ${numberOf(counts.targets, "target")}` : "Targets"}
      </h2>
      {rows.length === 0
        ? (
          <p class="empty">
            {counts.targets === 0
              ? "Add targets to the configuration, or to one of its lists."
              : "No target matches: change the search, or reset it."}
          </p>
        )
        : (
          <table>
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">Target</th>
                <th scope="col">Since</th>
                <th scope="col">Last check</th>
                <th scope="col">{query.window === "90d" ? "Last 90 days" : "Last 24 hours"}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ state, history }) => <TargetRow state={state} now={at} history={history} />)}
            </tbody>
          </table>
        )}
      {historyNote !== undefined && rows.length > 0 && <p class="hint">{historyNote}</p>}
      {pages > 1 && <Pager query={query} pages={pages} />}
    </>
  );
}

function Pager({ query, pages }: { query: ListQuery; pages: number }) {
  const { page = 1 } = query;
  const link = (to: number, text: string, rel?: "prev" | "next") =>
    to < 1 || to > pages
      ? <span class="off">{text}</span>
      : <a href={`${listHref({ ...query, page: to })}#targets`} rel={rel}>{text}</a>;
  return (
    <nav class="pager" aria-label="Pages of targets">
      {link(page === 1 ? 0 : 1, "First")}
      {link(page - 1, "Previous", "prev")}
      <span>Page {page} of {pages}</span>
      {link(page + 1, "Next", "next")}
      {link(page === pages ? 0 : pages, "Last")}
    </nav>
  );
}

function isFiltered({ q, group, state }: ListQuery): boolean {
  return Boolean(q || group || state);
}
