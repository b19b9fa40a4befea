/** Validation of the details of a maintenance. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { addUnknownOptions, Problems } from "./problems.ts";
import type { Maintenance } from "./target_state.ts";

/**
 * Rejects arguments that would, by mistake, begin a maintenance without an end.
 *
 * @param on Whether it begins.
 * @param maintenance Its details.
 * @throws {TypeError} If an argument is wrong. It lists all problems.
 */
export function assertMaintenance(on: boolean, maintenance: Maintenance): void {
  const problems = new Problems();
  if (typeof on !== "boolean") problems.add(`on must be true or false, it is ${quote(on)}`);
  addMaintenanceProblems(maintenance, problems);
  const { messages } = problems;
  if (messages.length > 0) throw new TypeError(`Cannot set the maintenance: ${messages.join("; ")}`);
}

/** Adds the problems of the details of a maintenance. */
export function addMaintenanceProblems(maintenance: Maintenance, problems: Problems): void {
  if (typeof maintenance !== "object" || maintenance === null) {
    return problems.add(`the maintenance must be an object, it is ${quote(maintenance)}`);
  }
  const { until, reason } = maintenance;
  addUnknownOptions("a maintenance", maintenance, ["until", "reason"], problems);
  if (until !== undefined && !Number.isFinite(until)) {
    problems.add(`until must be a time in ms since 1970, it is ${quote(until)}`);
  }
  if (reason !== undefined && typeof reason !== "string") {
    problems.add(`reason must be a string, it is ${quote(reason)}`);
  }
}

/** Copies the known properties only: they become properties of an event. */
export function copyMaintenance({ until, reason }: Maintenance): Maintenance {
  return { ...until !== undefined && { until }, ...reason !== undefined && { reason } };
}
