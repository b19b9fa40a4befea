/** The metrics `process_*` that all exporters have, as far as a program can read them without a permission. */

import process from "node:process";
import { Family } from "./exposition.ts";

/** The start of the process, in seconds since 1970. */
const STARTED_AT = performance.timeOrigin / 1000;

/** Writes the families of the process. */
export function processMetrics(): string[] {
  const { user, system } = process.cpuUsage();
  return [
    single("process_cpu_seconds_total", "counter", "User and system CPU time.", (user + system) / 1e6),
    single("process_resident_memory_bytes", "gauge", "Resident memory.", Deno.memoryUsage().rss),
    single("process_start_time_seconds", "gauge", "Start of the process, in seconds since 1970.", STARTED_AT),
  ];
}

function single(name: string, type: "counter" | "gauge", help: string, value: number): string {
  const family = new Family(name, type, help);
  family.add(value);
  return family.text();
}
