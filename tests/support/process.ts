/** Descriptors and threads of a process, by /proc. */

/** Descriptors that are open. */
export function openFiles(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      return [Deno.readLinkSync(`/proc/self/fd/${name}`)];
    } catch {
      // The descriptor by which the folder is read.
      return [];
    }
  });
}

/** Names of the threads that are ours. */
export function ourThreads(): string[] {
  return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) => {
    try {
      const thread = Deno.readTextFileSync(`/proc/self/task/${name}/comm`).trim();
      return thread.startsWith("shaker-") ? [thread] : [];
    } catch {
      // It ended in the meantime.
      return [];
    }
  });
}

/** Descriptors of the kinds that an engine opens. */
export function engineFiles(): number {
  // No engine opens Unix sockets; Deno has some of its own, and opens more when it likes.
  const unix = new Set(Deno.readTextFileSync("/proc/net/unix").split("\n").map((line) => line.split(/\s+/)[6]));
  return openFiles().filter((name) => {
    const inode = /^socket:\[(\d+)\]/.exec(name)?.[1];
    return inode === undefined ? /^anon_inode:\[(eventpoll|eventfd)\]/.test(name) : !unix.has(inode);
  }).length;
}
