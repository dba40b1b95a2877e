// static_ipaddress, static_routes and static_rules: what is there for the life of the daemon.
import { readVirtualAddress } from "./addresses.ts";
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { VirtualAddress } from "./model.ts";
import { readRoutes } from "./routes.ts";
import type { StaticConfig } from "./routing.ts";
import { readRules, type RulePriorities } from "./rules.ts";
import type { Settings } from "./settings.ts";

/** Where a static address goes when nobody says it. */
const KEEPALIVEDS_INTERFACE = "eth0";

/** Reads the static blocks of the top level; what is not usable is reported and left out. */
export function readStatics(
  decoding: Decoding,
  settings: Settings,
  priorities: RulePriorities,
  defaultInterface: string | undefined,
): StaticConfig {
  return {
    addresses: readAddresses(decoding, settings, defaultInterface),
    routes: readRoutes(decoding, settings.entries("static_routes")),
    rules: readRules(decoding, settings.entries("static_rules"), priorities),
  };
}

/** Whether there is anything in it. */
export function holdsAnything({ addresses, routes, rules }: StaticConfig): boolean {
  return addresses.length + routes.length + rules.length > 0;
}

function readAddresses(
  decoding: Decoding,
  settings: Settings,
  defaultInterface: string | undefined,
): VirtualAddress[] {
  const found: VirtualAddress[] = [];
  const blocks = settings.statements("static_ipaddress");
  for (const entry of blocks.flatMap(({ block }) => block?.statements ?? [])) {
    const placed = readVirtualAddress(decoding, entry, defaultInterface ?? "");
    if (placed === undefined) continue;
    const { value, word, useVmac } = placed;
    if (useVmac !== undefined) {
      bad(decoding, useVmac.span, "a static address has no VMAC", "use_vmac is ignored", "delete it");
    }
    if (value.interface === "") {
      value.interface = KEEPALIVEDS_INTERFACE;
      const what = `the static address ${word.value} names no interface, so ${value.interface} is used`;
      decoding.report.warning(word.span, `${what}; add dev IFNAME, or default_interface to global_defs`);
      decoding.places.note("interface", value.interface, word.span);
    }
    if (
      found.some((other) => other.address === value.address && other.interface === value.interface)
    ) {
      bad(decoding, word.span, `${value.address} is listed twice`, "the second is ignored", "delete it");
    } else found.push(value);
  }
  return found;
}
