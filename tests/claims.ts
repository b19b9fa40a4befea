/** The claims of the project. Tests name the claims that they prove; target/evidence.md lists their counts after `deno task test:all`. */

/** Claims by the key that tests use. */
export const CLAIMS = {
  invisible:
    "The application behind the port never sees a check: accept() does not return, or the result has the mode full",
  segments: "A check of an open port is SYN, SYN-ACK, RST on the wire; the last ACK is not sent",
  verdicts: "Each status has its documented cause",
  roundTrip: "rtt is the network's round trip time",
  retransmits: "SYN retransmissions are counted",
  deadlines: "A timeout is never early, and does not count time in our own queues",
  names: "A name is up if one of its addresses is, even with faulty other addresses or name servers",
  once: "Every check has exactly one result",
  scale: "Thousands of concurrent checks have the same results as single checks",
  scarcity: "Few descriptors or local ports delay checks, but fail none",
  changes: "Results follow changes of the network during checks",
  faults: "A failing system call loses no check, and leaks nothing",
  operators: "The packet options hold for every segment: source, interface, mark, TOS, number of SYNs",
  input: "Any input is accepted or rejected; nothing crashes",
  nothingLeft: "Nothing leaks: no socket, no thread, no memory",
} as const;

/** The key of a claim. */
export type Claim = keyof typeof CLAIMS;
