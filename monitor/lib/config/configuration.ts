/** The configuration of an agent, as {@linkcode parseConfiguration} returns it: durations are in ms. */

import type { HistoryOptions } from "../history/history.ts";
import type { MonitorOptions } from "../options.ts";
import type { MonitorTarget, TargetOptions } from "../target.ts";
import type { Secret } from "./secret.ts";

/** A configuration. All parts are checked; secrets are read. */
export interface Configuration {
  /** Defaults of all targets, and options of the monitor and its checker. */
  readonly monitor: Omit<MonitorOptions, "signal" | "restore" | "allow">;
  /** Targets of the file itself, with the options of their groups. */
  readonly targets: readonly MonitorTarget[];
  /** Options of groups, by name: targets of lists have them too. */
  readonly groups: Readonly<Record<string, GroupConfiguration>>;
  /** Lists of more targets, in order of precedence. */
  readonly lists: readonly TargetListConfiguration[];
  /** The endpoint `/probe`; absent if it is off. */
  readonly probe?: ProbeConfiguration;
  /** The file of the history and its limits; absent if none is kept. */
  readonly database?: HistoryOptions;
  /** The HTTP server. It runs if `listen` is given. */
  readonly serve: ServeConfiguration;
  /** Where events go, beside stdout. */
  readonly sinks: readonly SinkConfiguration[];
}

/** What the targets of a group have unless they have their own. */
export interface GroupConfiguration extends TargetOptions {
  /** Labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A list of targets outside of the configuration. */
export type TargetListConfiguration = FileListConfiguration | HttpListConfiguration;

/** What all lists may have. */
export interface TargetListBase {
  /** The time between two reads in ms. */
  readonly refreshInterval?: number;
  /** The group of targets that the list puts into none. */
  readonly group?: string;
  /** Labels that targets have unless the list gives them. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Files of targets, read again when they change. */
export interface FileListConfiguration extends TargetListBase {
  /** `file_sd`: JSON or YAML as Prometheus reads it. `lines`: one target per line. */
  readonly type: "file_sd" | "lines";
  /** Paths; the last component may have one `*`. */
  readonly files: readonly string[];
}

/** A URL with targets, as Prometheus reads it. */
export interface HttpListConfiguration extends TargetListBase {
  /** JSON by HTTP. */
  readonly type: "http_sd";
  /** The URL. */
  readonly url: Secret;
}

/** The endpoint `/probe`. */
export interface ProbeConfiguration {
  /** Networks whose addresses may be probed. */
  readonly allow: readonly string[];
  /** Modules by name: those of the module file, or `tcp_connect` alone. */
  readonly modules: Readonly<Record<string, ProbeModule>>;
}

/** A module of blackbox_exporter, with its defaults. */
export interface ProbeModule {
  /** The longest a probe may take, in ms. */
  readonly timeout?: number;
  /** The address family to use if a name has both. */
  readonly preferredIpProtocol: "ip4" | "ip6";
  /** Whether the other family is used if a name has none of the preferred one. */
  readonly ipProtocolFallback: boolean;
  /** The address to probe from. */
  readonly sourceIpAddress?: string;
}

/** The HTTP server. */
export interface ServeConfiguration {
  /** The address to listen at, `"host:port"`. */
  readonly listen?: string;
  /** Names that the header Host may have, beside IP addresses and localhost. */
  readonly hosts?: readonly string[];
  /** The token that reading requests need. */
  readonly readToken?: Secret;
  /** The token that requests need which change state. */
  readonly writeToken?: Secret;
  /** TLS. Both files are read again on reload. */
  readonly tls?: TlsConfiguration;
}

/** Certificate and private key in PEM. */
export interface TlsConfiguration {
  /** The chain of certificates. */
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
  /** The address to listen at, `"host:port"`. */
  readonly listen: string;
}

/** An HTTP receiver of alerts. */
export interface ReceiverConfiguration {
  /** Its URL. */
  readonly url?: Secret;
  /** The bearer token of its requests. */
  readonly token?: Secret;
  /** How long a request may take, in ms. */
  readonly timeout?: number;
}

/** Alerts to Alertmanagers. */
export interface AlertmanagerConfiguration {
  /** The type of the sink. */
  readonly type: "alertmanager";
  /** All Alertmanagers of a cluster. */
  readonly alertmanagers: readonly ReceiverConfiguration[];
  /** How often alerts that fire are sent again, in ms. */
  readonly resend?: number;
  /** How long an alert is held back, in ms, so that a storm can replace it; the interval of the targets by default. */
  readonly wait?: number;
}

/** Alerts to a webhook. */
export interface WebhookConfiguration extends ReceiverConfiguration {
  /** The type of the sink. */
  readonly type: "webhook";
  /** Where people see more. */
  readonly externalUrl?: string;
  /** How long an alert is held back, in ms, so that a storm can replace it; the interval of the targets by default. */
  readonly wait?: number;
}

/** A program that runs for each transition. */
export interface ExecConfiguration {
  /** The type of the sink. */
  readonly type: "exec";
  /** The program's path or name. */
  readonly program: string;
  /** How long it may run, in ms. */
  readonly timeout?: number;
}
