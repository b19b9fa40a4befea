/** Sizes and times of the protocol. */

/** Maximum length of a target's id, in bytes. */
export const MAX_ID_BYTES = 1024;
/** Maximum size of a chunk of a target list, in bytes: half of a NATS server's default limit. */
export const MAX_CHUNK_BYTES = 512 * 1024;
/** Maximum size of any other message, in bytes. */
export const MAX_MESSAGE_BYTES = 512 * 1024;

/** Number of slices of an agent's reports, each of which is one message. */
export const SLICES = 256;

/** Default duration of a lease, in ms. */
export const LEASE = 10_000;
/** Minimum and maximum duration of a lease that readers accept, in ms. */
export const MIN_LEASE = 1000;
export const MAX_LEASE = 60_000;
/** Number of renewals per duration of a lease, so that it survives one or two lost renewals. */
export const RENEWALS = 4;

/** Default number of witnesses per target. */
export const WITNESSES = 3;

/** Number of earlier lists that are kept for `fleet rollback`. */
export const KEPT_LISTS = 10;
