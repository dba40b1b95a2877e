// Virtual MAC addresses: use_vmac of an instance and of an address, names and addresses of the interfaces; and which
// of them are ipvlans.
import { isInterfaceName } from "./arguments.ts";
import { bad, type Context } from "./context.ts";
import { type DeviceWords, noWords, readGroup, readName } from "./device_words.ts";
import { ownIpvlan, readUseIpvlan, warnOfNeighbours } from "./ipvlan.ts";
import type { InstanceConfig, VmacConfig } from "./model.ts";
import type { PlacedInstance } from "./placed.ts";
import type { Settings } from "./settings.ts";
import type { Word } from "./text.ts";
import type { Family } from "./virtual.ts";

/** How the names of VMACs begin: those of instances, and those of addresses. */
export interface VmacPrefixes {
  vmacPrefix: string;
  vmacAddressPrefix: string;
}

/** Reads use_vmac, else use_ipvlan; null = neither is wanted. What cannot be used is reported and left out. */
export function readUseVmac(context: Context, settings: Settings): DeviceWords | null {
  const words = settings.statement("use_vmac")?.words;
  if (words === undefined) return readUseIpvlan(context, settings);
  const other = settings.keywordSpan("use_ipvlan");
  if (other !== null) {
    bad(context, other, "use_ipvlan stands beside use_vmac", "it is ignored", "delete one of them");
  }
  const [keyword, ...rest] = words;
  const found = noWords("use_vmac", keyword.span, null);
  if (context.syntax === "yaml" && rest.length === 1) {
    // A keyword without words, as YAML has it.
    if (rest[0]!.value === "false") return null;
    if (rest[0]!.value === "true") return found;
  }
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.value === "group") readGroup(context, found, word, rest.shift());
    else if (word.value === "netlink_notify_msg") {
      // keepalived asks the kernel for a message that baton's own requests bring anyway.
    } else if (/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){2,}/i.test(word.value)) found.mac = readMac(context, word);
    else readName(context, word, found);
  }
  return found;
}

function readMac(context: Context, word: Word): number[] | null {
  const octets = word.value.split(":").map((part) => /^[0-9a-f]{1,2}$/i.test(part) ? parseInt(part, 16) : -1);
  const cure = "write 5 or 6 octets such as 02:00:5e:00:01, the first of them even";
  const bytes = octets.length === 5 || octets.length === 6;
  if (bytes && !octets.includes(-1) && (octets[0]! & 1) === 0 && octets.some((octet) => octet !== 0)) {
    return octets;
  }
  const what = `use_vmac "${word.value}" is not the MAC address of one interface`;
  bad(context, word.span, what, "that of the RFC is used", cure);
  return null;
}

/**
 * Gives every instance its VMACs, once all are read, and puts the addresses on them: names that are written come
 * first, the others get the next free one (PREFIX.VRID, PREFIX6.VRID for IPv6, then PREFIX1.VRID and so on).
 */
export function assignVmacs(
  context: Context,
  prefixes: VmacPrefixes,
  instances: readonly PlacedInstance[],
): void {
  const taken = new Set<string>();
  for (const { instance, useVmac } of instances) {
    const { name = null, span } = useVmac ?? {};
    if (useVmac === null || name === null) continue;
    if (taken.has(name) || name === instance.interface) {
      const what =
        `${useVmac.keyword} "${name}" of vrrp_instance ${instance.name} is the name of another interface`;
      bad(context, span!, what, "another name is used", "give each its own name");
      useVmac.name = null;
    } else taken.add(name);
  }
  for (const placed of instances) assign(context, prefixes, placed, taken);
  warnOfSharedMacs(context, instances);
  warnOfNeighbours(context, instances);
}

/** MAC addresses of one's own may come out alike, as those of five octets do for IPv4 and IPv6 of a VRID. */
function warnOfSharedMacs({ report }: Context, instances: readonly PlacedInstance[]): void {
  const owners = new Map<string, string>();
  for (const { instance, useVmac } of instances) {
    for (const { name, parent, mac, ipvlan } of instance.vmacs) {
      if (ipvlan !== null) continue;
      const first = owners.get(`${parent} ${mac}`);
      if (first === undefined) owners.set(`${parent} ${mac}`, name);
      else if (useVmac !== null) {
        const what = `${name} would have the MAC address ${mac} of ${first} on ${parent}`;
        const why =
          `the kernel takes one of them up at a time, so vrrp_instance ${instance.name} may stay in FAULT`;
        report.warning(useVmac.span, `${what}: ${why}; give each its own`);
      }
    }
  }
}

const KEYWORDS: ReadonlySet<string> = new Set(["vmac_xmit_base", "use_vmac_addr", "use_ipvlan"]);

function assign(context: Context, prefixes: VmacPrefixes, placed: PlacedInstance, taken: Set<string>): void {
  const { instance, useVmac, settings, listed } = placed;
  // Most instances have none, and there may be thousands.
  if (useVmac === null && !settings.hasAny(KEYWORDS) && listed.every((each) => each.useVmac === undefined)) {
    return;
  }
  const base = settings.keywordSpan("vmac_xmit_base");
  if (
    base !== null && (useVmac === null || (useVmac.ipvlan !== null && instance.unicastPeers.length === 0))
  ) {
    const what = `vmac_xmit_base of vrrp_instance ${instance.name} means nothing without use_vmac`;
    context.report.warning(base, `${what}; add that or delete it`);
  }
  if (useVmac !== null && useVmac.ipvlan !== null && base === null && instance.unicastPeers.length > 0) {
    const what =
      `keepalived sends unicast adverts of vrrp_instance ${instance.name} from the interface below`;
    context.report.warning(
      placed.end,
      `${what}, baton from the ipvlan; add vmac_xmit_base to show that you know`,
    );
  }
  const name = useVmac === null
    ? ""
    : useVmac.name ?? freeName(prefixes.vmacPrefix, instance.vrid, instance.family, taken);
  const own = useVmac === null
    ? null
    : useVmac.ipvlan === null
    ? ownVmac(context, placed, useVmac, name)
    : ownIpvlan(context, placed, useVmac, useVmac.ipvlan, name);
  const everywhere = settings.boolean("use_vmac_addr") ?? false;
  const others = new Map<string, VmacConfig>();
  const used = new Set([...instance.addresses, ...instance.excludedAddresses]);
  for (const { value, useVmac: word } of listed) {
    if (!used.has(value)) continue;
    const parent = value.interface;
    const elsewhere = parent !== instance.interface || value.family !== instance.family;
    if (word !== undefined && everywhere && elsewhere) {
      remark(context, word, `use_vmac_addr of ${instance.name} says so already`);
    } else if (word !== undefined && own !== null && !elsewhere) {
      remark(context, word, `${useVmac!.keyword} of vrrp_instance ${instance.name} says so already`);
    }
    const asked = (word !== undefined || everywhere) && (elsewhere || !everywhere);
    let vmac = own !== null && (!elsewhere || (!asked && parent === instance.interface)) ? own : null;
    if (vmac === null && asked) {
      const key = `${parent} ${value.family}`;
      const made = others.get(key) ?? {
        name: freeName(prefixes.vmacAddressPrefix, instance.vrid, value.family, taken),
        parent,
        mac: virtualMac(value.family, instance.vrid),
        ipvlan: null,
        group: null,
        ofAddresses: !everywhere,
        ipv4: false,
        ipv6: false,
      };
      others.set(key, made);
      vmac = made;
    }
    if (vmac === null) continue;
    value.interface = vmac.name;
    vmac[value.family] = true;
  }
  instance.vmacs = [...(own === null ? [] : [own]), ...others.values()];
  if (own !== null && own.ipvlan !== null) {
    // The ipvlan hears for itself: what is sent to its address does not reach the interface below.
    instance.interface = own.name;
    return;
  }
  instance.vmac = own?.name ?? null;
  instance.advertMac = own === null || fromBase(context, placed) ? null : own.mac;
}

function ownVmac(
  context: Context,
  { instance }: PlacedInstance,
  wanted: DeviceWords,
  name: string,
): VmacConfig {
  const { family, vrid, strict } = instance;
  let { mac } = wanted;
  if (mac !== null && strict) {
    const what = `strict mode: the RFCs know one virtual MAC address only, so that of ${instance.name}`;
    context.report.warning(wanted.span, `${what} is ignored; delete it or strict_mode`);
    mac = null;
  }
  return {
    name,
    parent: instance.interface,
    mac: mac === null ? virtualMac(family, vrid) : macText([...mac, vrid].slice(0, 6)),
    ipvlan: null,
    group: wanted.group,
    ofAddresses: false,
    ipv4: family === "ipv4",
    ipv6: family === "ipv6",
  };
}

/** Whether adverts leave with the MAC address of the interface. */
function fromBase(context: Context, { instance, settings, end }: PlacedInstance): boolean {
  if (instance.unicastPeers.length > 0) {
    if (!settings.boolean("vmac_xmit_base")) {
      const what = `unicast adverts of vrrp_instance ${instance.name} leave from its interface`;
      context.report.warning(end, `${what}, not from the VMAC; add vmac_xmit_base`);
    }
    return true;
  }
  if (!settings.boolean("vmac_xmit_base")) return false;
  if (!instance.strict) return true;
  const what = `strict mode: vmac_xmit_base of vrrp_instance ${instance.name} is ignored`;
  context.report.warning(settings.keywordSpan("vmac_xmit_base"), `${what}; delete it or strict_mode`);
  return false;
}

function remark({ report }: Context, word: Word, why: string): void {
  report.warning(word.span, `use_vmac of this address adds nothing, for ${why}; delete it`);
}

/** RFC 9568 section 7.3: 00-00-5E-00-01-VRID for IPv4, 00-00-5E-00-02-VRID for IPv6. */
function virtualMac(family: Family, vrid: number): string {
  return macText([0x00, 0x00, 0x5e, 0x00, family === "ipv4" ? 0x01 : 0x02, vrid]);
}

function macText(octets: readonly number[]): string {
  return octets.map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}

/** The six octets of a VmacConfig's address; of no use for an ipvlan. */
export function macBytes(mac: string): Uint8Array {
  return Uint8Array.from(mac.split(":"), (octet) => parseInt(octet, 16));
}

function freeName(prefix: string, vrid: number, family: Family, taken: Set<string>): string {
  let name = `${prefix}.${vrid}`;
  if (taken.has(name) && family === "ipv6") name = `${prefix}6.${vrid}`;
  for (let number = 1; taken.has(name); number++) name = `${prefix}${number}.${vrid}`;
  taken.add(name);
  return name;
}

/** Reads vmac_prefix or vmac_addr_prefix: what is too long for the names to come is reported. */
export function readPrefix(context: Context, settings: Settings, keyword: string): string | undefined {
  const prefix = settings.text(keyword);
  // With a number of up to two digits and the VRID behind it.
  if (prefix === undefined || isInterfaceName(`${prefix}99.255`)) return prefix;
  const what = `${keyword} "${prefix}" cannot begin the name of an interface`;
  bad(
    context,
    settings.span(keyword)!,
    what,
    "vrrp is used",
    "write at most 9 characters without blanks, / or :",
  );
  return undefined;
}

/** The interface whose carrier counts for `name`: what a VMAC lies on, or the interface itself. */
export function carrierOf({ vmacs }: Pick<InstanceConfig, "vmacs">, name: string): string {
  for (const vmac of vmacs) if (vmac.name === name) return vmac.parent;
  return name;
}
