/** Metrics of the agent itself. */

import type { AgentView } from "../../agent/view.ts";
import monitorPackage from "../../../deno.json" with { type: "json" };
import { Family, labelText, prefixedSample } from "./exposition.ts";

/** Writes the families of an agent. */
export function agentMetrics({ reloadStatus, lists, sinks }: Snapshot): string[] {
  return [
    prefixedSample(
      "config_last_reload_successful",
      "gauge",
      "Whether the last attempt to load the configuration was successful.",
      Number(reloadStatus.isSuccessful),
    ),
    prefixedSample(
      "config_last_reload_success_timestamp_seconds",
      "gauge",
      "When a configuration was last loaded, in seconds since 1970.",
      reloadStatus.succeededAt / 1000,
    ),
    ...listMetrics(lists),
    ...sinkMetrics(sinks),
    prefixedSample("build_info", "gauge", "Version of the agent.", 1, [["version", monitorPackage.version], [
      "deno",
      Deno.version.deno,
    ]]),
  ];
}

/** The input of {@linkcode agentMetrics}. */
export interface Snapshot {
  readonly reloadStatus: AgentView["reloadStatus"];
  readonly lists: ReturnType<AgentView["lists"]>;
  readonly sinks: ReturnType<AgentView["sinks"]>;
}

function listMetrics(lists: Snapshot["lists"]): string[] {
  const targets = new Family("tcp_checker_list_targets", "gauge", "Targets of a list.");
  const duplicates = new Family(
    "tcp_checker_list_duplicates",
    "gauge",
    "Targets of a list that are ignored, because another target has the same id.",
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
  const waiting = new Family("tcp_checker_notifications_waiting", "gauge", "Notifications that are waiting.");
  for (const sink of sinks) {
    const labels = labelText([["type", sink.type], ["sink", String(sink.index)]]);
    delivered.add(sink.delivered, labels);
    failed.add(sink.failed, labels);
    dropped.add(sink.dropped, labels);
    waiting.add(sink.waiting, labels);
  }
  return [delivered, failed, dropped, waiting].map((family) => family.text());
}
