// Kernel parameters of interfaces, read from /proc in the calling thread's network namespace.
import { readFileSync } from "node:fs";

/**
 * Whether the interface forwards IPv6 packets (net.ipv6.conf.NAME.forwarding); false if it cannot be told.
 * A file name, not a dotted key: interface names may hold dots.
 */
export function forwardsIpv6(interfaceName: string): boolean {
  try {
    return readFileSync(`/proc/sys/net/ipv6/conf/${interfaceName}/forwarding`, "utf8").trim() !== "0";
  } catch {
    return false;
  }
}
