// A virtual address as the configuration means it.

/** Address family of a virtual router. */
export type Family = "ipv4" | "ipv6";

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
}
