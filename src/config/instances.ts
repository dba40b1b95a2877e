// vrrp_instance blocks to the model.
import { type PlacedAddress, readVirtualAddress } from "./addresses.ts";
import { readAuthentication } from "./authentication.ts";
import { bad } from "./context.ts";
import { decodeBlock } from "./decode.ts";
import type { Family, InstanceConfig, VirtualAddress } from "./model.ts";
import { namedOnce } from "./once.ts";
import { type OptionReading, withOptions } from "./options.ts";
import { PlacedInstance } from "./placed.ts";
import type { Settings } from "./settings.ts";
import { checkInstance } from "./lint.ts";
import { applyStrict } from "./strict.ts";
import type { Span, Word } from "./text.ts";
import { readInterval } from "./timing.ts";
import { dropTrackGroups } from "./track_groups.ts";
import { closing, type Statement } from "./tree.ts";
import { readDevice } from "./vrf.ts";
import { assignVmacs, readUseVmac } from "./vmac.ts";

/** What an instance cannot be without. */
interface Identity {
  device: string;
  vrid: number;
}

/** What of it is there and usable. */
type Found = { [Name in keyof Identity]: Identity[Name] | undefined };

/** For reading on in an instance that is left out: no line can name this interface. */
const STAND_IN: Identity = { device: "", vrid: 1 };

/** All usable instances in the order of the file. What is not usable is reported and left out. */
export function readInstances(reading: OptionReading, statements: readonly Statement[]): PlacedInstance[] {
  const instances: PlacedInstance[] = [];
  for (const { statement, name } of namedOnce(reading, statements)) {
    const instance = readInstance(reading, statement, name);
    if (instance !== undefined) instances.push(instance);
  }
  assignVmacs(reading, reading.defaults, instances);
  return instances;
}

function readInstance(
  reading: OptionReading,
  statement: Statement,
  word: Word,
): PlacedInstance | undefined {
  const name = word.value;
  const owner = `vrrp_instance ${name}`;
  const settings = decodeBlock(reading, statement.block ?? { statements: [] }, "vrrp_instance", owner);
  const useVmac = readUseVmac(reading, settings);
  const usable: Found = {
    device: useVmac?.parent ?? readDevice(reading, settings, owner),
    vrid: settings.number("virtual_router_id"),
  };
  const leftOut = usable.device === undefined || usable.vrid === undefined;
  if (leftOut) sayWhy(reading, settings, word, usable);
  // What stands inside is wrong whether or not the instance is used, and keepalived names it too.
  const { device = STAND_IN.device, vrid = STAND_IN.vrid } = usable;
  const placed = readAddresses(reading, settings, "virtual_ipaddress", device);
  // native_ipv6 or the first address: what comes first counts, as for keepalived.
  const first = settings.order.find(tellsFamily);
  const listed = first === "native_ipv6" ? undefined : placed[0]?.value.family;
  const family: Family = listed ?? (settings.boolean("native_ipv6") ? "ipv6" : "ipv4");
  const addresses = ofFamily(reading, placed, family, name);
  const excludedAddresses = readAddresses(reading, settings, "virtual_ipaddress_excluded", device);
  const version = readVersion(reading, settings, family, name);
  const { priority, initialState } = readElection(settings);
  const instance = withOptions(reading, settings, {
    name,
    interface: device,
    vrid,
    version,
    family,
    initialState,
    priority,
    advertIntervalUs: readInterval(reading, settings, version, name),
    authentication: readAuthentication(reading, settings, { version, family, owner }),
    addresses,
    excludedAddresses: excludedAddresses.map(({ value }) => value),
  });
  // RFC 9568 section 6.1: an owner accepts whatever the mode.
  if (instance.priority === 255) instance.accept = true;
  if (settings.has("unicast_ttl") && instance.unicastPeers.length === 0) {
    const what = `unicast_ttl of ${owner} means nothing without unicast_peer`;
    reading.report.warning(closing(statement.block, word.span), `${what}; add that or delete it`);
  }
  if (settings.boolean("native_ipv6") && listed === "ipv4") {
    bad(
      reading,
      settings.keywordSpan("native_ipv6") ?? word.span,
      `native_ipv6 stands with ${placed[0]?.value.address}, which is IPv4`,
      "native_ipv6 is ignored",
      "delete native_ipv6 or write IPv6 addresses",
    );
  }
  const all = excludedAddresses.length === 0 ? placed : [...placed, ...excludedAddresses];
  const result = new PlacedInstance(instance, word, settings, useVmac, all, statement.block);
  dropTrackGroups(reading, result);
  // What it lacks as a whole keeps nothing from starting.
  if (leftOut) return undefined;
  checkInstance(reading, result, placed);
  applyStrict(reading, result);
  return result;
}

function tellsFamily(keyword: string): boolean {
  return keyword === "native_ipv6" || keyword === "virtual_ipaddress";
}

/** Reports an instance that is left out since it lacks what it cannot be without. */
function sayWhy(
  reading: OptionReading,
  settings: Settings,
  word: Word,
  { device, vrid }: Found,
): void {
  const owner = `vrrp_instance ${word.value}`;
  const missing = [
    ...(device === undefined && !settings.has("interface") ? ["interface"] : []),
    ...(vrid === undefined && !settings.has("virtual_router_id") ? ["virtual_router_id"] : []),
  ];
  const what = missing.length > 0
    ? `${owner} has no ${missing.join(" and no ")}`
    : `${owner} has no usable ${device === undefined ? "interface" : "virtual_router_id"}`;
  const cure = missing.length === 0 ? "correct it" : missing.length > 1 ? "add them" : "add it";
  bad(reading, word.span, what, "it is left out", cure);
}

function readAddresses(
  reading: OptionReading,
  settings: Settings,
  name: string,
  device: string,
): PlacedAddress[] {
  const found: PlacedAddress[] = [];
  for (const entry of settings.entries(name)) {
    const placed = readVirtualAddress(reading, entry, device);
    if (placed === undefined) continue;
    const { value, word } = placed;
    if (isAmong(found, value)) {
      bad(
        reading,
        word.span,
        `${value.address} is listed twice`,
        "the second is ignored",
        "delete it here and on the peers",
      );
    } else found.push(placed);
  }
  return found;
}

function isAmong(found: readonly PlacedAddress[], { address, interface: name }: VirtualAddress): boolean {
  for (const { value } of found) if (value.address === address && value.interface === name) return true;
  return false;
}

/** The addresses of the family of the instance; the others are reported. */
function ofFamily(
  reading: OptionReading,
  placed: PlacedAddress[],
  family: Family,
  name: string,
): VirtualAddress[] {
  const found: VirtualAddress[] = [];
  for (const { value, word } of placed) {
    if (value.family === family) {
      found.push(value);
      continue;
    }
    const what = `${word.value} is not of the family of vrrp_instance ${name} (${
      family === "ipv4" ? "IPv4" : "IPv6"
    })`;
    bad(
      reading,
      word.span,
      what,
      "it is ignored",
      "move it to virtual_ipaddress_excluded or to an instance of its own",
    );
  }
  return found;
}

function readVersion(reading: OptionReading, settings: Settings, family: Family, name: string): 2 | 3 {
  const version = settings.number("version");
  if (family === "ipv4") return (version ?? reading.defaults.version) === 3 ? 3 : 2;
  if (version === 2) {
    const what = `version 2 of vrrp_instance ${name} does not know IPv6`;
    bad(
      reading,
      settings.span("version") as Span,
      what,
      "version 3 is used",
      "write version 3 or delete the line",
    );
  }
  return 3;
}

/** Priority and initial state complete each other: MASTER without a priority is the owner, and the reverse. */
function readElection(settings: Settings): Pick<InstanceConfig, "priority" | "initialState"> {
  const state = settings.text("state");
  const given = settings.number("priority");
  // A priority that cannot be read counts as 100 even with state MASTER.
  const priority = given ?? (state === "MASTER" && !settings.has("priority") ? 255 : 100);
  const master = state === undefined && !settings.has("state") ? priority === 255 : state === "MASTER";
  return { priority, initialState: master ? "MASTER" : "BACKUP" };
}
