/**
 * Batches: test files that share a process.
 *
 * A process of `deno test` takes 0.2 s of CPU time before the first test, more than most files take. Each further file of
 * the process's arguments takes nearly as much, because each gets an isolate; a batch imports its files in one isolate.
 */

/** The number of files per batch. Batches run side by side, so none may take much longer than the others. */
const SIZE = 6;
/** Files that count the threads and descriptors of their process, and folders whose tests wait long. */
export const ALONE: readonly string[] = [
  "fleet/tests/hub/",
  "tests/api/check_all_test.ts",
  "tests/api/leaks_test.ts",
  "tests/api/process_life_test.ts",
  "tests/api/threads_test.ts",
  "tests/lab/",
];

/** Divides test files into batches, in their order. */
export function batches(files: readonly string[]): string[][] {
  const isAlone = (file: string) => ALONE.some((path) => file.startsWith(path));
  const shared = files.filter((file) => !isAlone(file));
  const count = Math.ceil(shared.length / SIZE);
  return [
    ...files.filter(isAlone).map((file) => [file]),
    ...Array.from({ length: count }, (_, i) => shared.slice(i * SIZE, (i + 1) * SIZE)),
  ];
}
