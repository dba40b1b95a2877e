// Whether an instance's advert fits into one packet of its interface: the kernel sends none that does not.
import type { InstanceConfig } from "../config/model.ts";
import { outgoingLength } from "../vrrp/outgoing.ts";
import type { Cause } from "../vrrp/reason.ts";

/**
 * The fault of an advert that is longer than the MTU (bytes), or null. Without this the router would hold the
 * addresses while nobody hears of it.
 */
export function misfit(config: InstanceConfig, mtu: number): Cause | null {
  const bytes = outgoingLength(config);
  return bytes <= mtu ? null : { kind: "advert_too_long", interface: config.interface, bytes, mtu };
}
