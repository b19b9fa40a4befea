/** Counts of tests, parsed from the output of test runners. */

/** Numbers of passed, failed and skipped tests. */
export interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  /** Whether every test runner exited with status 0. */
  ok: boolean;
}

/** Adds outcomes up. */
export function sum(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((sum, outcome) => ({
    passed: sum.passed + outcome.passed,
    failed: sum.failed + outcome.failed,
    skipped: sum.skipped + outcome.skipped,
    ok: sum.ok && outcome.ok,
  }), { passed: 0, failed: 0, skipped: 0, ok: true });
}

/** Reads the closing lines of `deno test` and `cargo test`. */
export function count(text: string): Omit<Outcome, "ok"> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const add = (pattern: RegExp) => {
    for (const { groups } of text.matchAll(pattern)) {
      counts.passed += Number(groups!.passed);
      counts.failed += Number(groups!.failed);
      counts.skipped += Number(groups!.skipped ?? 0);
    }
  };
  add(/^(?:ok|FAILED) \| (?<passed>\d+) passed.*? \| (?<failed>\d+) failed(?: \| (?<skipped>\d+) ignored)?/gm);
  add(/^test result: \w+\. (?<passed>\d+) passed; (?<failed>\d+) failed; (?<skipped>\d+) ignored/gm);
  // Rust can't mark a test as skipped at run time: such a test passes, and prints this line.
  const skipped = [...text.matchAll(/^skipped \w+: /gm)].length;
  counts.passed -= skipped;
  counts.skipped += skipped;
  return counts;
}
