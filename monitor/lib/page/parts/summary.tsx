/** Summary: a headline, counts by state, and active conditions. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { Fragment, h } from "../html/h.ts";
import type { Counts } from "../../status/counts.ts";
import { listHref } from "../html/links.ts";
import { countText, eventText, numberOf, STATE_NAMES } from "../html/text.ts";
import type { ListedEvent } from "./events.tsx";
import { Mark } from "./mark.tsx";
import { Time } from "./time.tsx";

const TILES = ["up", "down", "unknown", "maintenance", "degraded", "flapping"] as const;

/** Formats the headline about all targets. */
export function headline({ targets, up, down, unknown, maintenance }: Counts): string {
  if (targets === 0) return "There are no targets";
  if (down > 0) return `${countText(down)} of ${numberOf(targets, "target")} ${down === 1 ? "is" : "are"} down`;
  if (up === targets) return targets === 1 ? "The target is up" : `All ${countText(targets)} targets are up`;
  const others = [
    ...unknown > 0 ? [`${countText(unknown)} unknown`] : [],
    ...maintenance > 0 ? [`${countText(maintenance)} in maintenance`] : [],
  ];
  return `No target is down: ${countText(up)} up, ${others.join(", ")}`;
}

/** Formats the title of the document. The number of targets that are down comes first, because tabs are narrow. */
export function documentTitle({ down }: Counts): string {
  return down > 0 ? `(${countText(down)} down) tcp-checker` : "tcp-checker";
}

/** Returns the worst state of all targets, for the mark of the headline. */
export function overall({ targets, down, unknown, degraded }: Counts) {
  if (down > 0) return "down";
  if (degraded > 0) return "degraded";
  return unknown > 0 || targets === 0 ? "unknown" : "up";
}

/** The summary. */
export function Summary({ counts }: { counts: Counts }) {
  return (
    <>
      <h1 class={overall(counts)}>
        <Mark state={overall(counts)} />
        <span role="status" id="headline">{headline(counts)}</span>
      </h1>
      <ul class="tiles">
        {TILES.map((name) => (
          <li class={counts[name] === 0 ? `${name} zero` : name}>
            <a href={listHref({ state: name })}>
              <span class="count">{countText(counts[name])}</span>
              <span class="label">
                <Mark state={name} /> {STATE_NAMES[name]}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Active storms, trouble and overload, and problems of the agent. */
export function Notices({ conditions, problems }: { conditions: readonly ListedEvent[]; problems: readonly string[] }) {
  if (conditions.length + problems.length === 0) return null;
  return (
    <ul class="notices">
      {conditions.map(({ at, event }) => (
        <li>
          <Mark state="notice" />
          <span>
            {eventText(event)}, since <Time at={at} /> UTC
          </span>
        </li>
      ))}
      {problems.map((problem) => (
        <li>
          <Mark state="notice" />
          <span>{problem}</span>
        </li>
      ))}
    </ul>
  );
}
