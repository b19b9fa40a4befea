/** Names of user-defined labels. */

/** Names that the metrics use, or that Prometheus sets. */
export const RESERVED_LABELS: readonly string[] = ["id", "group", "target", "le", "quantile", "job", "instance"];

/** Matches the name of a user-defined label. */
export const LABEL_NAME = new RegExp(`^(?!__)(?!(?:${RESERVED_LABELS.join("|")})$)[A-Za-z_][A-Za-z0-9_]*$`);
