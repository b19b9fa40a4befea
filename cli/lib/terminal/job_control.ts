/** Job control of a full-screen program: Ctrl-Z, `kill -STOP`, `fg`, and Ctrl-\. */

import { flush } from "../output.ts";

/** Callbacks of a program that is stopped, continued or ended by a key. */
export interface JobControl {
  /** Resets the terminal. */
  readonly suspend: () => void;
  /** Sets up the terminal again. */
  readonly resume: () => void;
  /** Called when the process can't stop itself. */
  readonly onRefused: () => void;
}

/** Exit status after SIGQUIT, as in shells. */
const QUIT_STATUS = 131;

/**
 * Listens to the signals of job control until it is disposed of.
 *
 * @param control The callbacks.
 * @returns The listeners.
 */
export function listenToJobControl({ suspend, resume, onRefused }: JobControl): Disposable {
  if (Deno.build.os === "windows") return { [Symbol.dispose]() {} };
  const never = new AbortController().signal;
  const listeners: readonly (readonly [Deno.Signal, () => void])[] = [
    ["SIGTSTP", async () => {
      // Deno.kill() needs this permission even for its own process.
      const { state } = await Deno.permissions.query({ name: "run" });
      if (state !== "granted") return onRefused();
      suspend();
      await flush(never);
      Deno.kill(Deno.pid, "SIGSTOP");
    }],
    ["SIGCONT", resume],
    ["SIGQUIT", async () => {
      suspend();
      await flush(never);
      Deno.exit(QUIT_STATUS);
    }],
  ];
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  return {
    [Symbol.dispose]() {
      for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
    },
  };
}
