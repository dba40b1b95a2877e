// A virtual address as the configuration means it.

/** Address family of a virtual router. */
export type Family = "ipv4" | "ipv6";

/** A lifetime that never ends, in seconds (linux/if_addr.h: INFINITY_LIFE_TIME). */
export const FOREVER_S = 0xffff_ffff;

/** Options as ip-address(8) has them; dad: duplicate address detection takes place (IPv6). */
export type AddressFlag = "home" | "dad" | "mngtmpaddr" | "noprefixroute" | "autojoin";

/** One entry of virtual_ipaddress or virtual_ipaddress_excluded. */
export interface VirtualAddress {
  family: Family;
  /** Canonical text, without prefix length. */
  address: string;
  prefixLength: number;
  /** Where it is added: `dev`, or the instance's interface. */
  interface: string;
  /** rtnetlink scope, 0..255 (linux/rtnetlink.h: RT_SCOPE_UNIVERSE 0, LINK 253, HOST 254). */
  scope: number;
  /** IPv4 broadcast address, or null for none. */
  broadcast: string | null;
  /** IPv4 label, at most 15 characters, or null. */
  label: string | null;
  /** The far end of a point-to-point address, or null; the prefix length is that one's then. */
  peer: string | null;
  /** In alphabetical order. */
  flags: AddressFlag[];
  /** IPv6: how long it may be a source, counted from when it is added; 0 = never, FOREVER_S = as long as it is there. */
  preferredS: number;
  /** Put back when somebody removes it. */
  tracked: boolean;
  /** static_ipaddress: the track_group whose instances are at fault while it is missing, or null. */
  trackGroup: string | null;
}
