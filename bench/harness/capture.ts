/**
 * Capture of SYNs on loopback with the kernel's timestamps, so that all contestants are measured in the same way.
 */

/** Lengths of a file's header and of a packet's header (draft-ietf-opsawg-pcap). */
const [FILE_HEADER, PACKET_HEADER] = [24, 16];
/** The magic number of a file with times in nanoseconds. */
const MAGIC = 0xa1b23c4d;

/** Delay in ms before tcpdump is ended: it reads its buffer once a second, and discards the rest at its end. */
const LAST_BATCH = 1200;

/** A running capture. */
export interface Capture {
  /** Ends the capture, and returns the times of the expected number of SYNs, in microseconds. */
  end(count: number): Promise<number[]>;
}

/** Starts a capture, and resolves when it runs. */
export async function capture(tcpdump: string): Promise<Capture> {
  const child = new Deno.Command(tcpdump, {
    args: ["-i", "lo", "-s", "64", "--nano", "-w", "-", "tcp[tcpflags] == tcp-syn"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const packets = new Response(child.stdout).bytes();
  const messages = child.stderr.pipeThrough(new TextDecoderStream());
  let said = "";
  for await (const message of messages.values({ preventCancel: true })) {
    said += message;
    if (said.includes("listening on")) break;
  }
  if (!said.includes("listening on")) throw new Error(`tcpdump did not start:\n${said}`);
  return {
    async end(count) {
      await new Promise((resolve) => setTimeout(resolve, LAST_BATCH));
      child.kill("SIGINT");
      for await (const message of messages) said += message;
      await child.status;
      const syns = times(await packets);
      if (syns.length !== count) throw new Error(`tcpdump captured ${syns.length} of ${count} SYNs:\n${said}`);
      return syns;
    },
  };
}

function times(file: Uint8Array<ArrayBuffer>): number[] {
  const view = new DataView(file.buffer);
  if (view.getUint32(0, true) !== MAGIC) throw new Error("tcpdump wrote an unknown file format");
  const times: number[] = [];
  for (let at = FILE_HEADER; at < file.length; at += PACKET_HEADER + view.getUint32(at + 8, true)) {
    times.push(view.getUint32(at, true) * 1e6 + view.getUint32(at + 4, true) / 1000);
  }
  return times;
}
