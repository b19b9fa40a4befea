/**
 * Static assets of the page: style sheets, scripts and the icon. Names contain a digest, so that browsers can cache
 * them without revalidation.
 */

import { createHash } from "node:crypto";
import plotScript from "uplot.js" with { type: "text" };
import plotStyle from "uplot.css" with { type: "text" };
import liveScript from "./client/live.js" with { type: "text" };
import targetScript from "./client/target.js" with { type: "text" };
import style from "./client/style.css" with { type: "text" };
import icon from "./client/icon.svg" with { type: "text" };

/** A static asset. */
export interface Asset {
  /** Its file name in URLs. */
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** All assets. */
export const ASSETS = {
  style: asset("style", "css", style),
  live: asset("live", "js", liveScript),
  target: asset("target", "js", targetScript),
  plot: asset("uplot", "js", plotScript),
  plotStyle: asset("uplot", "css", plotStyle),
  icon: asset("icon", "svg", icon),
} as const;

const BY_NAME: ReadonlyMap<string, Asset> = new Map(Object.values(ASSETS).map((asset) => [asset.name, asset]));

/** Finds an asset by its file name. */
export function findAsset(name: string): Asset | undefined {
  return BY_NAME.get(name);
}

function asset(stem: string, extension: "css" | "js" | "svg", text: string): Asset {
  const types = { css: "text/css", js: "text/javascript", svg: "image/svg+xml" };
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return { name: `${stem}.${digest}.${extension}`, type: `${types[extension]}; charset=utf-8`, text };
}
