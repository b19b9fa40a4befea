/** Maximum lengths of lists. A page has them as attributes, because its script adds rows and events. */

/** Maximum number of targets. */
export const MAX_ROWS = 25;
/** Maximum number of events. */
export const MAX_EVENTS = 30;
