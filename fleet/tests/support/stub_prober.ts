/** Prober without a network. A test chooses the targets that refuse. */

import type { CheckResult, HostPort } from "@tcp-shaker/tcp-shaker";
import type { Prober, TargetCheck } from "@tcp-shaker/monitor";

export class StubProber implements Prober {
  /** Targets that refuse, as `"host:port"`. */
  readonly down = new Set<string>();
  checks = 0;

  prepare({ hostname, port }: HostPort): TargetCheck {
    const target = `${hostname}:${port}`;
    const base = { target, hostname, port, mode: "half-open", duration: 1, queued: 0, attempts: 1 };
    const up = { ...base, status: "up", rtt: 0.5, address: { address: hostname, port } } as unknown as CheckResult;
    const refused = { ...base, status: "refused" } as unknown as CheckResult;
    return {
      start: (receiver) => {
        this.checks++;
        queueMicrotask(() => receiver.settle(this.down.has(target) ? refused : up));
      },
      cancel: () => {},
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
