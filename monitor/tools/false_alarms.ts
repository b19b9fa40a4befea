/**
 * False alarms: how often a target that is always up goes down, because packets are lost. It is a Markov chain, whose
 * states are the verdict and the number of consecutive contrary results. Its mean times are those of runs in
 * independent trials (Feller, An Introduction to Probability Theory, volume 1, XIII.7).
 */

/** A year in ms. */
const YEAR = 365.25 * 86_400_000;

/**
 * The share of checks that fail, of a target that is up. Losses are independent of each other.
 *
 * @param loss The share of packets lost on the way there, and again on the way back.
 * @param syns How many SYNs a check sends before its timeout.
 */
export function failureShare(loss: number, syns = 1): number {
  return (1 - (1 - loss) ** 2) ** syns;
}

/**
 * The mean number of checks from one false alarm to the next.
 *
 * @param failure The share of checks that fail, above 0 and less than 1.
 * @param rise The option `rise`.
 * @param fall The option `fall`.
 */
export function checksPerFalseAlarm(failure: number, rise: number, fall: number): number {
  return run(failure, fall) + run(1 - failure, rise);
}

/**
 * False alarms of one target in a year.
 *
 * @param failure The share of checks that fail, above 0 and less than 1.
 * @param rise The option `rise`.
 * @param fall The option `fall`.
 * @param interval The time between two checks in ms, the same in all states.
 */
export function falseAlarmsPerYear(failure: number, rise: number, fall: number, interval: number): number {
  return YEAR / (interval * checksPerFalseAlarm(failure, rise, fall));
}

/** The mean number of trials until `length` of them in a row succeed. */
function run(success: number, length: number): number {
  return (success ** -length - 1) / (1 - success);
}
