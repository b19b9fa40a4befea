/** What results said: up by half a handshake, up with an ACK that may have left, or anything else. */
export interface Told {
  up: number;
  full: number;
  other: number;
}
