// The model of a bfd_instance.
import type { Family } from "./virtual.ts";

/** One bfd_instance: a session of RFC 5880 in asynchronous mode. */
export interface BfdConfig {
  name: string;
  family: Family;
  neighbor: string;
  /** Null = as the routing table says. */
  source: string | null;
  /** RequiredMinRxInterval. */
  minRxUs: number;
  /** DesiredMinTxInterval while up. */
  minTxUs: number;
  /** DesiredMinTxInterval while not up; at least a second (RFC 5880 section 6.8.3). */
  idleTxUs: number;
  /** DetectMult. */
  multiplier: number;
  passive: boolean;
  /** TTL or hop limit of what is sent. */
  ttl: number;
  /** The lowest TTL or hop limit that is taken; 0 = any. */
  lowestTtl: number;
  /** RFC 5883: another port. */
  multihop: boolean;
  /** As track_bfd takes them over. */
  weight: number;
  reverse: boolean;
}

/** Whether a reload goes on with the session: another neighbor, source or port is another session. */
export function sameEnds(a: BfdConfig, b: BfdConfig): boolean {
  return a.neighbor === b.neighbor && a.source === b.source && a.multihop === b.multihop;
}
