// use_ipvlan: its words, the ipvlan that comes of them, and what does not go together on one interface.
import { isLinkLocal } from "../vrrp/address.ts";
import { bad, type Context } from "./context.ts";
import { type DeviceWords, type IpvlanWords, noWords, readGroup, readName } from "./device_words.ts";
import type { IpvlanConfig, VmacConfig } from "./model.ts";
import type { PlacedInstance } from "./placed.ts";
import type { Settings } from "./settings.ts";
import type { Word } from "./text.ts";
import { readAddress } from "./values.ts";

const FLAGS: readonly string[] = ["bridge", "private", "vepa"] satisfies IpvlanConfig["flag"][];

/** Reads use_ipvlan; null = it is not wanted. What cannot be used is reported and left out. */
export function readUseIpvlan(context: Context, settings: Settings): DeviceWords | null {
  const words = settings.statement("use_ipvlan")?.words;
  if (words === undefined) return null;
  const [keyword, ...rest] = words;
  const ipvlan: IpvlanWords = { flag: null, address: null };
  const found = noWords("use_ipvlan", keyword.span, ipvlan);
  if (context.syntax === "yaml" && rest.length === 1) {
    // A keyword without words, as YAML has it.
    if (rest[0]!.value === "false") return null;
    if (rest[0]!.value === "true") return found;
  }
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.value === "group") readGroup(context, found, word, rest.shift());
    else if (FLAGS.includes(word.value)) readFlag(context, word, ipvlan);
    else if (/^[\d.]+$|[/:]/.test(word.value)) readOwnAddress(context, word, ipvlan);
    else readName(context, word, found);
  }
  return found;
}

function readFlag(context: Context, word: Word, ipvlan: IpvlanWords): void {
  if (ipvlan.flag === null) ipvlan.flag = word.value as IpvlanConfig["flag"];
  else {
    const what = `"${word.value}" of use_ipvlan comes after ${ipvlan.flag}`;
    bad(context, word.span, what, "it is ignored", "keep one of bridge, private and vepa");
  }
}

function readOwnAddress(context: Context, word: Word, ipvlan: IpvlanWords): void {
  const [text = "", mask] = word.value.split(/\/(.*)/s);
  const read = readAddress(text);
  const most = read?.family === "ipv4" ? 32 : 128;
  const prefixLength = mask === undefined ? most : /^\d{1,3}$/.test(mask) ? Number(mask) : -1;
  if (read === undefined || read.multicast || prefixLength < 0 || prefixLength > most) {
    const what = `use_ipvlan "${word.value}" is not the address of an interface`;
    bad(context, word.span, what, "it is ignored", "write ADDRESS or ADDRESS/LENGTH");
  } else if (ipvlan.address !== null) {
    const what = `the address ${word.value} of use_ipvlan comes after ${ipvlan.address.address}`;
    bad(context, word.span, what, "it is ignored", "keep one of them");
  } else ipvlan.address = { word, address: read.address, family: read.family, prefixLength };
}

/** The ipvlan of an instance, from whose address it speaks; null when IPv4 has none: the instance is at fault then. */
export function ownIpvlan(
  context: Context,
  { instance, listed }: PlacedInstance,
  words: DeviceWords,
  { flag, address: given }: IpvlanWords,
  name: string,
): VmacConfig | null {
  const { family } = instance;
  const shown = family === "ipv4" ? "IPv4" : "IPv6";
  if (given !== null && given.family !== family) {
    const what =
      `the address ${given.address} of use_ipvlan is not of the family of vrrp_instance ${instance.name}`;
    bad(context, given.word.span, what, "it is ignored", `write an ${shown} address`);
  }
  const own = given?.family === family ? given : null;
  if (own === null && family === "ipv4") {
    const what = `use_ipvlan of vrrp_instance ${instance.name} has no IPv4 address`;
    const cure = "write use_ipvlan ADDRESS, one that no other machine has";
    context.report.warning(words.span, `${what}, so the instance stays in FAULT; ${cure}`);
    instance.lacksIpvlanAddress = true;
    return null;
  }
  if (own !== null && listed.some(({ value }) => value.address === own.address)) {
    const what =
      `the address ${own.address} of use_ipvlan is a virtual address of vrrp_instance ${instance.name}`;
    const why = "so it stays here whoever is master";
    context.report.warning(own.word.span, `${what}, ${why}; write one that no other machine has`);
  }
  // Multicast adverts over IPv6 come from a link-local address (RFC 9568 section 5.1.2.1).
  if (own !== null && (family === "ipv4" || isLinkLocal(readAddress(own.address)!.bytes, 0, 16))) {
    instance.sourceAddress ??= own.address;
  }
  return {
    name,
    parent: instance.interface,
    mac: "",
    ipvlan: {
      flag: flag ?? "bridge",
      address: own?.address ?? null,
      prefixLength: own?.prefixLength ?? 0,
    },
    group: words.group,
    ofAddresses: false,
    ipv4: family === "ipv4",
    ipv6: family === "ipv6",
  };
}

/** The kernel has ipvlans or macvlans on an interface, and all its ipvlans have one flag. */
export function warnOfNeighbours({ report }: Context, instances: readonly PlacedInstance[]): void {
  const first = new Map<string, { owner: string; vmac: VmacConfig }>();
  for (const { instance: { name: owner, vmacs }, useVmac, name: place } of instances) {
    for (const vmac of vmacs) {
      const before = first.get(vmac.parent);
      if (before === undefined) {
        first.set(vmac.parent, { owner, vmac });
        continue;
      }
      const where = useVmac?.span ?? place;
      const both = `vrrp_instance ${before.owner} and ${owner}`;
      if ((before.vmac.ipvlan === null) !== (vmac.ipvlan === null)) {
        const what = `the kernel takes no VMAC beside an ipvlan on ${vmac.parent}`;
        report.warning(
          where,
          `${what}, so one of ${both} stays in FAULT; write use_vmac or use_ipvlan in both`,
        );
      } else if (before.vmac.ipvlan?.flag !== vmac.ipvlan?.flag) {
        const what = `all ipvlans on ${vmac.parent} are ${vmac.ipvlan?.flag} or ${before.vmac.ipvlan?.flag}`;
        report.warning(where, `${what}, whichever is made last; write the same in ${both}`);
      }
    }
  }
}
