// The device that an instance is bound to: its interface, or a VRF where it has none.
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { Settings } from "./settings.ts";

/**
 * The name of the device; undefined: neither is given, or not usable. A VRF hears and speaks through all of its
 * interfaces, by unicast alone: a group is joined on an interface.
 */
export function readDevice(reading: Decoding, settings: Settings, owner: string): string | undefined {
  const vrf = settings.text("vrf");
  const where = settings.keywordSpan("vrf");
  if (vrf === undefined || where === null) return settings.text("interface");
  if (settings.has("interface")) {
    const what = `vrf of ${owner} means nothing beside interface`;
    bad(reading, where, what, "it is ignored", "delete one of them");
    return settings.text("interface");
  }
  if (settings.has("unicast_peer")) return vrf;
  bad(
    reading,
    where,
    `vrf of ${owner} needs unicast_peer`,
    "it is ignored",
    "add unicast_peer, or name an interface",
  );
  return undefined;
}
