/** Cards of groups: counts by state, and a heat map. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { h } from "../html/h.ts";
import type { GroupSnapshot } from "../../status/fleet_snapshot.ts";
import type { Counts } from "../../status/counts.ts";
import { listHref, NO_GROUP } from "../html/links.ts";
import { countText, numberOf } from "../html/text.ts";
import { HeatMap } from "./heat_map.tsx";
import { Mark } from "./mark.tsx";

/** Maximum number of cells per page that are links. */
const MAX_LINKS = 400;
/** Number of targets above which a card has full width. */
const WIDE_TARGETS = 400;

/** The cards. */
export function Groups({ groups, hidden }: { groups: readonly GroupSnapshot[]; hidden: number }) {
  let links = 0;
  return (
    <section aria-labelledby="groups-heading" class="groups">
      <h2 id="groups-heading">Groups</h2>
      <div class="cards">
        {groups.map((group) => {
          const maxLinks = Math.max(0, MAX_LINKS - links);
          links += group.states.length - group.counts.up;
          return <GroupCard group={group} maxLinks={maxLinks} />;
        })}
      </div>
      {hidden > 0 && <p class="hint">{numberOf(hidden, "more group")}: choose one above.</p>}
    </section>
  );
}

function GroupCard({ group, maxLinks }: { group: GroupSnapshot; maxLinks: number }) {
  const { name, counts, states } = group;
  return (
    <article class={states.length > WIDE_TARGETS ? "card wide" : "card"}>
      <h3>
        <a href={listHref({ group: name === "" ? NO_GROUP : name })}>{name === "" ? "No group" : name}</a>
        <span class="detail">
          <Mark state={worst(counts)} /> {groupText(counts)}
        </span>
      </h3>
      <HeatMap cells={states} group={name} maxLinks={maxLinks} />
    </article>
  );
}

function worst({ down, degraded, unknown, maintenance }: Counts) {
  if (down > 0) return "down";
  if (degraded > 0) return "degraded";
  if (unknown > 0) return "unknown";
  return maintenance > 0 ? "maintenance" : "up";
}

function groupText({ targets, up, down, unknown, maintenance, degraded }: Counts): string {
  if (up === targets && degraded === 0) return `${countText(targets)} up`;
  const parts = Object.entries({ down, degraded, unknown, "in maintenance": maintenance })
    .filter(([, count]) => count > 0).map(([name, count]) => `${countText(count)} ${name}`);
  return `${parts.join(", ")} of ${countText(targets)}`;
}
