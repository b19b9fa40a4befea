/** Memory of the process, and its growth. */

/**
 * What each part may have grown by in the end, in KB: some three times what V8 and the allocators keep, or not, as it
 * happens. A leak of 200 bytes a check is more after 60,000 checks, some 15 seconds. There is no limit for all
 * together, of which the room that V8 has and doesn't use is the third part: nothing can leak there.
 */
const SLACK = { all: Infinity, "JavaScript's heap": 2048, native: 12288 } as const;
type Part = keyof typeof SLACK;

/** One reading, in KB. */
export interface Reading extends Record<Part, number> {
  /** Since the start. */
  readonly minutes: number;
}

/** How a part grows, in KB a minute. */
export interface Growth {
  readonly part: Part;
  readonly slope: number;
  readonly limit: number;
}

/** In the first third of the readings, and no fewer than these, things are still compiled, or allocated once. */
const WARM_UP = 6;
/** Fewer don't tell growth from chance. */
const ENOUGH = 6;

/** Reads, after a garbage collection. */
export function read(start: number): Reading {
  const { gc } = globalThis as unknown as { gc: () => void };
  gc();
  const { heapUsed, heapTotal } = Deno.memoryUsage();
  const memory = rss();
  return {
    minutes: (performance.now() - start) / 60_000,
    all: memory,
    "JavaScript's heap": heapUsed / 1024,
    // The engines' tables, batches, what the allocator keeps.
    native: memory - heapTotal / 1024,
  };
}

/** Private memory in KB; what is mapped from files is the program's code. */
export function rss(): number {
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(Deno.readTextFileSync("/proc/self/status"))![1]);
}

/**
 * Tells how fast each part grows after the warm-up: the median of the slopes between any two readings (Theil and Sen),
 * which a few large ones among them don't bend.
 *
 * @param readings All readings.
 * @returns Nothing when they are too few.
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
