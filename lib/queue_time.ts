/** Shortest reported `queueTime` in ms: checks that don't wait pass through the queues too. */
export const SHOWN_QUEUE_TIME = 1;
