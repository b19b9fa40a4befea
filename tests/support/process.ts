/** Descriptors and threads of a process, by /proc. */

/** The open descriptors. */
function openFiles(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      return [Deno.readLinkSync(`/proc/self/fd/${name}`)];
    } catch {
      // Without the descriptor of the folder itself.
      return [];
    }
  });
}

/** The names of our own threads. */
export function ourThreads(): string[] {
  return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) => {
    try {
      const thread = Deno.readTextFileSync(`/proc/self/task/${name}/comm`).trim();
      return thread.startsWith("shaker-") ? [thread] : [];
    } catch {
      // The thread has ended in the meantime.
      return [];
    }
  });
}

/** Descriptors of the kinds that an engine opens. */
export function engineFiles(): number {
  // Unix sockets are not counted: Deno opens some at any time, and engines open none.
  const unix = new Set(Deno.readTextFileSync("/proc/net/unix").split("\n").map((line) => line.split(/\s+/)[6]));
  return openFiles().filter((name) => {
    const inode = /^socket:\[(\d+)\]/.exec(name)?.[1];
    return inode === undefined ? /^anon_inode:\[(eventpoll|eventfd)\]/.test(name) : !unix.has(inode);
  }).length;
}
