/** Memory of the process, and its growth. */

/**
 * Limits of growth by part, in KB: about three times what V8 and the allocators retain at random. A leak of 200 bytes
 * per check exceeds them after 60,000 checks, about 15 seconds. There is no limit for the sum, because its third part
 * is V8's unused heap, where nothing can leak.
 */
const SLACK = { all: Infinity, "JavaScript's heap": 2048, native: 12288 } as const;
type Part = keyof typeof SLACK;

/** A reading of the parts, in KB. */
export interface Reading extends Record<Part, number> {
  /** Time since the start. */
  readonly minutes: number;
}

/** Growth of a part, in KB per minute. */
export interface Growth {
  readonly part: Part;
  readonly slope: number;
  readonly limit: number;
}

/** Minimum number of readings that count as warm-up, in which code is compiled and memory is allocated once. */
const WARM_UP = 6;
/** Minimum number of readings for a slope: fewer don't distinguish growth from noise. */
const ENOUGH = 6;

/** Reads the parts after a garbage collection. */
export function read(start: number): Reading {
  const { gc } = globalThis as unknown as { gc: () => void };
  gc();
  const { heapUsed, heapTotal } = Deno.memoryUsage();
  const memory = rss();
  return {
    minutes: (performance.now() - start) / 60_000,
    all: memory,
    "JavaScript's heap": heapUsed / 1024,
    // The engines' tables, batches, and memory that the allocator retains.
    native: memory - heapTotal / 1024,
  };
}

/** Private memory in KB. It excludes file mappings, which are the program's code. */
export function rss(): number {
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(Deno.readTextFileSync("/proc/self/status"))![1]);
}

/**
 * Estimates the growth of each part after the warm-up by the Theil-Sen estimator: the median of the slopes between any
 * two readings, which is robust against outliers.
 *
 * @param readings All readings.
 * @returns The growth by part; empty with too few readings.
 */
export function growth(readings: readonly Reading[]): Growth[] {
  const warm = readings.slice(Math.max(WARM_UP, Math.floor(readings.length / 3)));
  if (warm.length < ENOUGH) return [];
  const minutes = warm[warm.length - 1].minutes - warm[0].minutes;
  return (Object.keys(SLACK) as Part[]).map((part) => {
    const slopes = warm.flatMap((later, i) =>
      warm.slice(0, i).map((earlier) => (later[part] - earlier[part]) / (later.minutes - earlier.minutes))
    );
    const slope = slopes.toSorted((a, b) => a - b)[Math.floor(slopes.length / 2)];
    return { part, slope, limit: SLACK[part] / minutes };
  });
}
