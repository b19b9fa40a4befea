/** Checks without a network, with the test's results. */

import type { CheckDefaults, CheckReceiver, CheckResult, HostPort } from "@tcp-shaker/tcp-shaker";
import type { Prober, TargetCheck } from "../../lib/supervised_checker.ts";

/** A check's result; an error if the check can't start, and `undefined` while it has not ended. */
export type Finding = "up" | "refused" | "timeout" | "local-error" | Error | undefined;

export class ScriptedProber implements Prober {
  /** The checks so far, in order: `"host:port"`. */
  readonly checked: string[] = [];
  /** Checks in flight. */
  inFlight = 0;
  /** Checks that were cancelled. */
  cancelled = 0;
  /** The most checks of one target that were in flight at once. */
  readonly most = new Map<string, number>();
  readonly #inFlight = new Map<string, number>();
  isDisposed = false;
  #release = Promise.withResolvers<void>();

  /** @param find Returns the result of a target's check. */
  constructor(public find: (target: string) => Finding) {}

  prepare({ hostname, port }: HostPort, { timeout }: CheckDefaults): TargetCheck {
    const target = `${hostname}:${port}`;
    let cancelled: PromiseWithResolvers<never>;
    const run = async () => {
      cancelled = Promise.withResolvers();
      cancelled.promise.catch(() => {});
      this.checked.push(target);
      this.#count(target, 1);
      try {
        let finding = this.find(target);
        while (finding === undefined) {
          await Promise.race([this.#release.promise, cancelled.promise]);
          finding = this.find(target);
        }
        if (finding instanceof Error) throw finding;
        return result(target, finding, timeout!);
      } finally {
        this.#count(target, -1);
      }
    };
    const cancel = (reason: unknown) => {
      this.cancelled++;
      cancelled.reject(reason);
    };
    const start = (receiver: CheckReceiver) =>
      void run().then((result) => receiver.settle(result), (error) => receiver.fail(error));
    return { start, cancel };
  }

  /** Has checks in flight look up their results again. */
  release(): void {
    this.#release.resolve();
    this.#release = Promise.withResolvers();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    return Promise.resolve();
  }

  #count(target: string, change: number): void {
    this.inFlight += change;
    const now = (this.#inFlight.get(target) ?? 0) + change;
    this.#inFlight.set(target, now);
    this.most.set(target, Math.max(this.most.get(target) ?? 0, now));
  }
}

function result(target: string, status: "up" | "refused" | "timeout" | "local-error", timeout: number): CheckResult {
  const base = { target, mode: "half-open", engine: "socket", dnsTime: 0, duration: 1 } as const;
  const found = {
    up: { status, rtt: 0.1, retransmits: 0 },
    timeout: { status, phase: "connect", retransmits: 0, duration: timeout },
    refused: { status, code: "ECONNREFUSED", errno: 111 },
    "local-error": { status, code: "EMFILE", errno: 24 },
  }[status];
  return { ...base, ...found } as unknown as CheckResult;
}
