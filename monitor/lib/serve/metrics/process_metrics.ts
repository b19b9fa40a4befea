/** The standard metrics `process_*` that need no permission. */

import process from "node:process";
import { singleSample } from "./exposition.ts";

/** The start of the process, in seconds since 1970. */
const STARTED_AT = performance.timeOrigin / 1000;

/** Writes the families of the process. */
export function processMetrics(): string[] {
  const { user, system } = process.cpuUsage();
  return [
    singleSample("process_cpu_seconds_total", "counter", "User and system CPU time.", (user + system) / 1e6),
    singleSample("process_resident_memory_bytes", "gauge", "Resident memory.", Deno.memoryUsage().rss),
    singleSample("process_start_time_seconds", "gauge", "Start of the process, in seconds since 1970.", STARTED_AT),
  ];
}
