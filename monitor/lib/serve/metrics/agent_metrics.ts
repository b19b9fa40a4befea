/** Metrics of the agent itself. */

import type { AgentView } from "../../agent/view.ts";
import monitorPackage from "../../../deno.json" with { type: "json" };
import { Family, labelText, singleSample } from "./exposition.ts";

/** Times that are measured with the check loop's histogram of 1 ms. */
const LATENESS_QUANTILES = [["0.5", "p50"], ["0.99", "p99"], ["1", "max"]] as const;

/** Writes the families of an agent. */
export function agentMetrics({ monitor, reloadStatus, lists, sinks }: Snapshot): string[] {
  const { skipped, lateness, dropped, localErrors } = monitor;
  const late = new Family("tcp_checker_schedule_lateness_seconds", "summary", "How late checks began.");
  for (const [quantile, key] of LATENESS_QUANTILES) late.add(lateness[key] / 1000, labelText([["quantile", quantile]]));
  late.add(lateness.sum / 1000, "", "_sum");
  late.add(lateness.count, "", "_count");
  const errors = new Family(
    "tcp_checker_local_errors_total",
    "counter",
    "Checks that this host could not make, by error.",
  );
  for (const [code, count] of localErrors) errors.add(count, labelText([["code", code]]));
  return [
    late.text(),
    single("skipped_checks_total", "counter", "Checks that were left out, because they were too late.", skipped),
    errors.text(),
    single("events_dropped_total", "counter", "Events that were dropped, because a reader was slow.", dropped),
    single(
      "config_last_reload_successful",
      "gauge",
      "Whether the last attempt to load the configuration was successful.",
      Number(reloadStatus.isSuccessful),
    ),
    single(
      "config_last_reload_success_timestamp_seconds",
      "gauge",
      "When a configuration was last loaded, in seconds since 1970.",
      reloadStatus.succeededAt / 1000,
    ),
    ...listMetrics(lists),
    ...sinkMetrics(sinks),
    single("build_info", "gauge", "Version of the agent.", 1, [["version", monitorPackage.version], [
      "deno",
      Deno.version.deno,
    ]]),
  ];
}

/** What is written. */
export interface Snapshot {
  readonly monitor: ReturnType<AgentView["monitor"]["statistics"]>;
  readonly reloadStatus: AgentView["reloadStatus"];
  readonly lists: ReturnType<AgentView["lists"]>;
  readonly sinks: ReturnType<AgentView["sinks"]>;
}

function listMetrics(lists: Snapshot["lists"]): string[] {
  const targets = new Family("tcp_checker_list_targets", "gauge", "Targets of a list.");
  const duplicates = new Family(
    "tcp_checker_list_duplicates",
    "gauge",
    "Targets of a list that were left out, because another one has the id.",
  );
  const successful = new Family(
    "tcp_checker_list_last_read_successful",
    "gauge",
    "Whether the last read of a list was successful.",
  );
  for (const list of lists) {
    const labels = labelText([["type", list.type], ["name", list.name]]);
    targets.add(list.targets, labels);
    duplicates.add(list.duplicates, labels);
    successful.add(Number(list.problem === undefined), labels);
  }
  return [targets.text(), duplicates.text(), successful.text()];
}

function sinkMetrics(sinks: Snapshot["sinks"]): string[] {
  const delivered = new Family("tcp_checker_notifications_total", "counter", "Notifications that were delivered.");
  const failed = new Family(
    "tcp_checker_notification_failures_total",
    "counter",
    "Attempts to deliver a notification that failed.",
  );
  const dropped = new Family("tcp_checker_notifications_dropped_total", "counter", "Notifications that were dropped.");
  const waiting = new Family("tcp_checker_notifications_waiting", "gauge", "Notifications that wait.");
  for (const sink of sinks) {
    const labels = labelText([["type", sink.type], ["sink", String(sink.index)]]);
    delivered.add(sink.delivered, labels);
    failed.add(sink.failed, labels);
    dropped.add(sink.dropped, labels);
    waiting.add(sink.waiting, labels);
  }
  return [delivered, failed, dropped, waiting].map((family) => family.text());
}

function single(
  name: string,
  type: "counter" | "gauge",
  help: string,
  value: number,
  labels: [string, string][] = [],
): string {
  return singleSample(`tcp_checker_${name}`, type, help, value, labelText(labels));
}
