/** Ids of events: `boot-sequence`. */

/**
 * Parses the id of an event.
 *
 * @param id The id.
 * @returns The start of the monitor and the sequence; `undefined` if it is malformed.
 */
export function parseEventId(id: string): [boot: number, sequence: number] | undefined {
  const [, boot, sequence] = /^(\d{1,15})-(\d{1,15})$/.exec(id) ?? [];
  return boot === undefined ? undefined : [Number(boot), Number(sequence)];
}
