/** Sizes and times of the protocol. */

/** Bytes of a target's id, at most. */
export const MAX_ID_BYTES = 1024;
/** Bytes of a chunk of a target list, at most: half of the payload that a NATS server accepts by default. */
export const MAX_CHUNK_BYTES = 512 * 1024;
/** Bytes of any other message, at most. */
export const MAX_MESSAGE_BYTES = 512 * 1024;

/** Slices of an agent's words, and so messages per agent in the state. */
export const SLICES = 256;

/** How long a lease lasts by default, in ms. */
export const LEASE = 10_000;
/** The longest lease that readers accept, in ms. */
export const MAX_LEASE = 60_000;
/** Renewals within a lease: one that is lost, or two, must not end it. */
export const RENEWALS = 4;

/** Witnesses per target by default. */
export const WITNESSES = 3;

/** Manifests that stay for `fleet rollback`, beside the one in force. */
export const KEPT_LISTS = 10;
