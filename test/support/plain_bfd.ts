// A bfd_instance with keepalived's defaults.
import type { BfdConfig } from "../../src/config/sessions.ts";

/** Such a session with `neighbor`; `values` override. */
export function plainBfd(name: string, neighbor: string, values: Partial<BfdConfig> = {}): BfdConfig {
  return {
    name,
    family: "ipv4",
    neighbor,
    source: null,
    minRxUs: 10_000,
    minTxUs: 10_000,
    idleTxUs: 1_000_000,
    multiplier: 5,
    passive: false,
    ttl: 255,
    lowestTtl: 255,
    multihop: false,
    weight: 0,
    reverse: false,
    ...values,
  };
}
