/** The configuration of an agent. Durations are in ms. */

import type { HistoryOptions } from "../history/history.ts";
import type { MonitorOptions } from "../options.ts";
import type { MonitorTarget, TargetOptions } from "../target.ts";
import type { Secret } from "./values/secret.ts";

/** A valid configuration, with the values of its secrets. */
export interface Configuration {
  /** Defaults of all targets, and options of the monitor and its checker. */
  readonly monitor: Omit<MonitorOptions, "signal" | "restore" | "allow">;
  /** Targets of the configuration file, with the options of their groups. */
  readonly targets: readonly MonitorTarget[];
  /** Options of groups by name. They apply to targets of lists, too. */
  readonly groups: Readonly<Record<string, GroupConfiguration>>;
  /** Target lists, in order of precedence. */
  readonly lists: readonly TargetListConfiguration[];
  /** The endpoint `/probe`; absent if it is off. */
  readonly probe?: ProbeConfiguration;
  /** The history file and its limits; absent without a history. */
  readonly database?: HistoryOptions;
  /** The HTTP server, which runs if `listen` is set. */
  readonly serve: ServeConfiguration;
  /** Sinks of events, besides stdout. */
  readonly sinks: readonly SinkConfiguration[];
}

/** Options and labels of a group. A target's own ones take precedence. */
export interface GroupConfiguration extends TargetOptions {
  /** Labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A target list outside of the configuration file. */
export type TargetListConfiguration = FileListConfiguration | HttpListConfiguration;

/** Common options of target lists. */
export interface TargetListBase {
  /** The time between two reads in ms. */
  readonly refreshInterval?: number;
  /** The group of targets for which the list sets none. */
  readonly group?: string;
  /** Labels of targets for which the list does not set them. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Files with targets, read again after changes. */
export interface FileListConfiguration extends TargetListBase {
  /** `file_sd`: JSON or YAML in Prometheus' format. `lines`: one target per line. */
  readonly type: "file_sd" | "lines";
  /** Paths; the last component may have one `*`. */
  readonly files: readonly string[];
}

/** A URL with targets in Prometheus' format. */
export interface HttpListConfiguration extends TargetListBase {
  /** The kind of list: JSON over HTTP. */
  readonly type: "http_sd";
  /** The URL. */
  readonly url: Secret;
}

/** The endpoint `/probe`. */
export interface ProbeConfiguration {
  /** Networks whose addresses may be probed. */
  readonly allow: readonly string[];
  /** Modules by name, from the module file; without a file only `tcp_connect`. */
  readonly modules: Readonly<Record<string, ProbeModule>>;
}

/** A module of blackbox_exporter, with its defaults. */
export interface ProbeModule {
  /** Timeout of a probe in ms. */
  readonly timeout?: number;
  /** The address family to use if a name has both. */
  readonly preferredIpProtocol: "ip4" | "ip6";
  /** Whether the other family is used if a name has no address of the preferred one. */
  readonly ipProtocolFallback: boolean;
  /** Source address of a probe. */
  readonly sourceIpAddress?: string;
}

/** The HTTP server. */
export interface ServeConfiguration {
  /** The listen address, `"host:port"`. */
  readonly listen?: string;
  /** Allowed names in the header Host, besides IP addresses and localhost. */
  readonly hosts?: readonly string[];
  /** Bearer token of requests that read. */
  readonly readToken?: Secret;
  /** Bearer token of requests that change state. */
  readonly writeToken?: Secret;
  /** TLS. Both files are read again on reload. */
  readonly tls?: TlsConfiguration;
}

/** Certificate and private key in PEM. */
export interface TlsConfiguration {
  /** The certificate chain. */
  readonly cert?: Secret;
  /** The private key. */
  readonly key?: Secret;
}

/** A sink. */
export type SinkConfiguration =
  | AgentCheckConfiguration
  | AlertmanagerConfiguration
  | ExecConfiguration
  | WebhookConfiguration;

/** Answers to HAProxy's agent checks. */
export interface AgentCheckConfiguration {
  /** The type of the sink. */
  readonly type: "agent_check";
  /** The listen address, `"host:port"`. */
  readonly listen: string;
}

/** An HTTP receiver of alerts. */
export interface ReceiverConfiguration {
  /** The URL. */
  readonly url?: Secret;
  /** The bearer token of requests. */
  readonly token?: Secret;
  /** Timeout of a request in ms. */
  readonly timeout?: number;
}

/** Alerts to Alertmanagers. */
export interface AlertmanagerConfiguration {
  /** The type of the sink. */
  readonly type: "alertmanager";
  /** All Alertmanagers of a cluster. */
  readonly alertmanagers: readonly ReceiverConfiguration[];
  /** Interval at which firing alerts are sent again, in ms. */
  readonly resend?: number;
  /** Delay of `TargetDown` in ms, so that a storm can replace the alert; by default the interval of the targets. */
  readonly wait?: number;
}

/** Alerts to a webhook. */
export interface WebhookConfiguration extends ReceiverConfiguration {
  /** The type of the sink. */
  readonly type: "webhook";
  /** Link to the monitor in messages (`externalURL`). */
  readonly externalUrl?: string;
  /** Delay of `TargetDown` in ms, so that a storm can replace the alert; by default the interval of the targets. */
  readonly wait?: number;
}

/** Program that is run for each transition. */
export interface ExecConfiguration {
  /** The type of the sink. */
  readonly type: "exec";
  /** The program's path or name. */
  readonly program: string;
  /** Timeout of a run in ms. */
  readonly timeout?: number;
}
