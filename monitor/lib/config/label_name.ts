/** Names of labels that users may choose. */

/** Names that the metrics have themselves, or that Prometheus sets. */
export const RESERVED_LABELS: readonly string[] = ["id", "group", "target", "le", "quantile", "job", "instance"];

/** Matches a label's name that users may choose. */
export const LABEL_NAME = new RegExp(`^(?!__)(?!(?:${RESERVED_LABELS.join("|")})$)[A-Za-z_][A-Za-z0-9_]*$`);
