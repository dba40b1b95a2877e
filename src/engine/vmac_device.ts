// What the engine knows of one of its VMACs.
import type { VmacConfig } from "../config/model.ts";
import type { Instance } from "./instance.ts";
import type { VmacSwitch } from "./macvlan.ts";

/** One of our macvlans or ipvlans. */
export interface Device {
  config: VmacConfig;
  /** Null: nobody's any more, it leaves. */
  owner: Instance | null;
  readonly ifindex: number;
  up: boolean;
  /** IPv6 is off on it until it is down: its addresses leave without a word. */
  muted: boolean;
  /** MTU of the interface below when this one was last given it. */
  mtu: number;
  /** Why the kernel does not take it up, a clause; null: it does. */
  refused: string | null;
  /** When it was last made again; -Infinity = never. */
  remadeUs: number;
  readonly power: VmacSwitch;
}
