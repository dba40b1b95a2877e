// linkbeat_interfaces and linkbeat_use_polling to the model: which interfaces are asked for their link, and how.
import { isInterfaceName } from "./arguments.ts";
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { LinkbeatConfig } from "./model.ts";
import type { PlacedInstance } from "./placed.ts";
import type { Settings } from "./settings.ts";

const METHODS = ["MII", "ETHTOOL", "IOCTL"] as const;

/** The interfaces of a file: those that are listed, and with linkbeat_use_polling those of the instances. */
export function readLinkbeat(
  decoding: Decoding,
  settings: Settings,
  instances: readonly PlacedInstance[],
): LinkbeatConfig[] {
  const found = new Map<string, LinkbeatConfig>();
  const blocks = settings.entries("linkbeat_interfaces");
  for (const { words: [name, method, extra] } of blocks) {
    decoding.places.note("interface", name.value, name.span);
    const known = METHODS.find((each) => each === method?.value.toUpperCase()) ?? null;
    if (!isInterfaceName(name.value)) {
      const what = `"${name.value}" cannot be the name of an interface`;
      bad(decoding, name.span, what, "it is ignored", "write at most 15 characters");
      continue;
    }
    if (method !== undefined && known === null) {
      const what = `"${method.value}" is no way to ask for a link`;
      bad(decoding, method.span, what, "the first that works is used", "write MII, ETHTOOL or IOCTL");
    }
    if (known !== null && known !== method?.value) {
      decoding.report.warning(method!.span, `keepalived knows ${known} in capitals only; write ${known}`);
    }
    if (extra !== undefined) {
      bad(decoding, extra.span, `"${extra.value}" is one word too many`, "it is ignored", "name one way");
    }
    found.set(name.value, { interface: name.value, method: known });
  }
  const everywhere = settings.boolean("linkbeat_use_polling") ?? false;
  for (const { instance, settings: own } of instances) {
    if (!everywhere && !own.has("linkbeat_use_polling")) continue;
    const where = own.keywordSpan("linkbeat_use_polling");
    const asked = where !== null && own.boolean("linkbeat_use_polling") !== false;
    if (asked) {
      decoding.report.warning(
        where,
        `linkbeat_use_polling of vrrp_instance ${instance.name} is the old spelling of linkbeat_interfaces, so ` +
          `${instance.interface} is polled; write linkbeat_interfaces { ${instance.interface} }`,
      );
    }
    const tracked = instance.trackInterfaces.map((each) => each.interface);
    const names = everywhere ? [instance.interface, ...tracked] : asked ? [instance.interface] : [];
    for (const name of names) if (!found.has(name)) found.set(name, { interface: name, method: null });
  }
  return [...found.values()];
}
