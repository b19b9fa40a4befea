/** A worker that starts checks, and is terminated before they end. */

/// <reference lib="deno.worker" />

import { Checker, type CheckTarget } from "../../mod.ts";

self.onmessage = async ({ data: targets }: MessageEvent<CheckTarget[]>) => {
  const checker = new Checker();
  checker.checkingLoop();
  await checker.waitReady();
  for (const target of targets) checker.checkAddr(target, 600_000);
  self.postMessage("checking");
};
