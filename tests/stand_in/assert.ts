/** The assertions that the tests use, by Node's, for machines that can't reach JSR. */

import nodeAssert from "node:assert/strict";

export function assert(condition: unknown, message?: string): asserts condition {
  nodeAssert.ok(condition, message);
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepEqual(actual, expected, message);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  nodeAssert.equal(actual, expected, message);
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  nodeAssert.ok(actual.includes(expected), message ?? `${JSON.stringify(actual)} does not include ${expected}`);
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  nodeAssert.match(actual, expected, message);
}

// deno-lint-ignore no-explicit-any -- any constructor
type ErrorClass<E extends Error> = new (...args: any[]) => E;

export async function assertRejects<E extends Error = Error>(
  act: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  includes = "",
): Promise<E> {
  let error: unknown;
  try {
    await act();
  } catch (thrown) {
    error = thrown;
    nodeAssert.ok(error instanceof (errorClass ?? Error), `it rejected with another error: ${error}`);
    assertStringIncludes((error as Error).message, includes);
    return error as E;
  }
  nodeAssert.fail("it did not reject");
}

export function assertThrows<E extends Error = Error>(
  act: () => unknown,
  errorClass?: ErrorClass<E>,
  includes = "",
): E {
  try {
    act();
  } catch (error) {
    nodeAssert.ok(error instanceof (errorClass ?? Error), `it threw another error: ${error}`);
    assertStringIncludes((error as Error).message, includes);
    return error as E;
  }
  nodeAssert.fail("it did not throw");
}
