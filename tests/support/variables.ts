/** Environment variables that the test runner sets for tests. */

/** Set if the bundle is up to date, so that tests needn't build it. */
export const BUNDLE_IS_FRESH = "TCP_SHAKER_BUNDLE_IS_FRESH";
/** Set by `deno task test:all` and `deno task mutants`: tests make all checks and random cases. */
export const ALL_COUNTS = "TCP_SHAKER_ALL_COUNTS";
