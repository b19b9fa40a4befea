/**
 * Shows that a thread outside of Deno must not call an `UnsafeCallback`. Run it with `--allow-ffi --allow-read`.
 *
 * A POSIX timer of the C library calls the callback from threads of its own, every 20 ms. A worker makes the callback,
 * and is terminated. Deno frees the callback with the worker's isolate, so the timer's next call uses freed memory. Most
 * runs end with SIGSEGV (status 139) or SIGABRT (134); a run that outlives two more seconds prints "survived".
 */

/** From signal.h and time.h of glibc, for 64-bit Linux. */
const SIGEV_THREAD = 2;
const CLOCK_MONOTONIC = 1;
const INTERVAL_NS = 20_000_000n;

if (!import.meta.url.endsWith("#worker")) {
  const worker = new Worker(`${import.meta.url}#worker`, { type: "module" });
  await new Promise((resolve) => worker.onmessage = resolve);
  console.log("the callback was called by a thread of the C library; now the worker is terminated");
  worker.terminate();
  setTimeout(() => {
    console.log("survived");
    Deno.exit();
  }, 2000);
} else {
  const callback = Deno.UnsafeCallback.threadSafe(
    { parameters: ["pointer"], result: "void" },
    () => (self as unknown as Worker).postMessage("called"),
  );
  startTimer(BigInt(Deno.UnsafePointer.value(callback.pointer)));
}

/** Calls a C function from another thread, repeatedly. */
function startTimer(callback: bigint): void {
  const libc = Deno.dlopen("libc.so.6", {
    timer_create: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    timer_settime: { parameters: ["u64", "i32", "buffer", "pointer"], result: "i32" },
  }).symbols;
  // struct sigevent: value, signal, how to notify, function, attributes.
  const event = new DataView(new ArrayBuffer(64));
  event.setInt32(12, SIGEV_THREAD, true);
  event.setBigUint64(16, callback, true);
  const timer = new BigUint64Array(1);
  if (libc.timer_create(CLOCK_MONOTONIC, new Uint8Array(event.buffer), timer) !== 0) {
    throw new Error("timer_create() failed");
  }
  // struct itimerspec: interval and first time, each as seconds and nanoseconds.
  const times = new BigInt64Array([0n, INTERVAL_NS, 0n, INTERVAL_NS]);
  if (libc.timer_settime(timer[0], 0, times, null) !== 0) throw new Error("timer_settime() failed");
}
