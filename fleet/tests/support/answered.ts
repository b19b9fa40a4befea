/** Requests to a cluster that may have no leader at the moment. */

import { NoRespondersError, RequestError, TimeoutError } from "@nats-io/nats-core";

/** Repeats a request until a server answers it. */
export async function answered<T>(request: () => Promise<T>): Promise<T> {
  while (true) {
    try {
      return await request();
    } catch (error) {
      const causes = [error, (error as Error).cause];
      const isUnanswered = causes.some((cause) =>
        cause instanceof TimeoutError || cause instanceof NoRespondersError || cause instanceof RequestError ||
        cause instanceof Error && cause.name === "JetStreamNotEnabled"
      );
      if (!isUnanswered) throw error;
    }
  }
}
