/** The claims of the project. Tests name the claims that they prove; target/evidence.md lists their counts after `deno task test:all`. */

/** Claims by the key that tests use. */
export const CLAIMS = {
  invisible:
    "The application behind the port never notices a check: accept() does not return, or the result has mode full",
  segments: "A check is SYN, SYN-ACK, RST on the wire, and nothing else; the last ACK is never sent",
  verdicts: "Each status has its own cause, and no other",
  roundTrip: "rtt is the network's round trip time",
  retransmits: "SYNs that were sent again are counted",
  deadlines: "A timeout is never early, and time in our own queues is not part of it",
  names: "A name is up when one of its addresses is, whatever its other addresses and its name server do",
  once: "Every check is answered exactly once",
  scale: "Thousands of targets at once get the same verdicts as one",
  scarcity: "Few descriptors or local ports delay checks; they never fail them",
  changes: "A network that changes during checks changes their results accordingly, and nothing else",
  faults: "A system call that fails loses no check, and leaves nothing behind",
  operators: "The packet options hold for every segment: source, interface, mark, TOS, number of SYNs",
  input: "Any input is accepted or rejected; nothing crashes",
  nothingLeft: "Nothing leaks: no socket, no thread, no memory",
} as const;

/** The key of a claim. */
export type Claim = keyof typeof CLAIMS;
