// Entries of virtual_ipaddress, virtual_ipaddress_excluded and unicast_peer.
import { type AddressOptions, applyOptions, readFarEnd, readFlag, readPreferred } from "./address_options.ts";
import { isInterfaceName } from "./arguments.ts";
import { bad, type Context } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import { keyword } from "./keywords.ts";
import type { VirtualAddress } from "./model.ts";
import { nearest } from "./suggest.ts";
import { noteTrackGroup } from "./grouped.ts";
import type { Word } from "./text.ts";
import type { Statement } from "./tree.ts";
import { formatAddress } from "../vrrp/address.ts";
import { type Address, parseInteger, readAddress } from "./values.ts";

/** rtnetlink scopes by name (linux/rtnetlink.h). */
const SCOPES: Record<string, number> = {
  global: 0,
  universe: 0,
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
};

/** An address with the word that names it. */
export interface PlacedAddress {
  value: VirtualAddress;
  word: Word;
  /** The word use_vmac among its options. */
  useVmac?: Word;
}

/** Reads one address entry. Undefined: no address; that is reported. `device`: the instance's interface. */
export function readVirtualAddress(
  decoding: Decoding,
  entry: Statement,
  device: string,
): PlacedAddress | undefined {
  const [word, ...options] = entry.words;
  const read = readPrefixed(decoding, word);
  if (read === undefined) return undefined;
  const { address, prefixLength } = read;
  const value: VirtualAddress = {
    family: address.family,
    address: address.address,
    prefixLength,
    interface: device,
    scope: 0,
    broadcast: null,
    label: null,
    peer: null,
    flags: [],
    preferredS: 0,
    tracked: true,
    trackGroup: null,
  };
  const further: AddressOptions = { peer: null, preferredS: null, hasDevice: false };
  if (options.length === 0) {
    applyOptions(decoding, value, further, word);
    return { value, word };
  }
  const given = [...options];
  for (let option = given.shift(); option !== undefined; option = given.shift()) {
    if (!readOption(decoding, value, further, address, option, given, word)) return undefined;
  }
  applyOptions(decoding, value, further, word);
  const useVmac = options.find((option) => option.value === "use_vmac");
  return useVmac === undefined ? { value, word } : { value, word, useVmac };
}

/** Reads one option and takes its value from `rest`. False: the address as a whole is skipped; reported. */
function readOption(
  decoding: Decoding,
  value: VirtualAddress,
  further: AddressOptions,
  address: Address,
  option: Word,
  rest: Word[],
  word: Word,
): boolean {
  const name = option.value;
  const row = keyword("address-entry", name);
  if (row === undefined || /[[\]]/.test(name)) {
    const names = ["dev", "scope", "brd", "broadcast", "label", "no_track", "preferred_lft", "peer"];
    const cure = readAddress(name.replace(/\/.*/, "")) === undefined
      ? "correct or delete it"
      : "write one address a line";
    bad(
      decoding,
      option.span,
      `"${name}" is not an option of an address`,
      "it is ignored",
      cure,
      nearest(name, names),
    );
    return true;
  }
  // Interfaces are made once all addresses are known: see vmac.ts.
  if (name === "use_vmac") return true;
  if (readFlag(decoding, value, option)) return true;
  const argument = rest.shift();
  const skip = (what: string, cure: string) => {
    bad(decoding, (argument ?? option).span, what, `the address ${word.value} is skipped`, cure);
    return false;
  };
  if (argument === undefined) return skip(`${name} lacks its value`, `write ${name} ${row.argument}`);
  if (row.effect !== true) {
    decoding.later.add(name, option.span);
    return true;
  }
  switch (name) {
    case "dev":
      if (!isInterfaceName(argument.value)) {
        return skip(
          `dev "${argument.value}" cannot be the name of an interface`,
          "write at most 15 characters",
        );
      }
      if (further.hasDevice) return skip(`dev "${argument.value}" is the second interface`, "delete one");
      further.hasDevice = true;
      value.interface = argument.value;
      decoding.places.note("interface", argument.value, argument.span);
      return true;
    case "label":
      if (value.family === "ipv6") {
        bad(decoding, argument.span, "an IPv6 address has no label", "the label is ignored", "delete it");
      } else if (new TextEncoder().encode(argument.value).length > 15) {
        return skip(`label "${argument.value}" is longer than 15 characters`, "shorten it");
      } else value.label = argument.value;
      return true;
    case "peer":
      further.peer = readFarEnd(decoding, value, argument);
      return true;
    case "preferred_lft":
      further.preferredS = readPreferred(decoding, value, option, argument);
      return true;
    case "track_group":
      noteTrackGroup(value, argument.value, argument.span);
      return true;
    case "scope":
      readScope(decoding, value, argument);
      return true;
    default: {
      if (value.family === "ipv6") return skip("an IPv6 address has no broadcast address", `delete ${name}`);
      const broadcast = readBroadcast(argument.value, address, value.prefixLength);
      if (broadcast === undefined) {
        return skip(`${name} "${argument.value}" is not an IPv4 address`, "write an address, + or -");
      }
      value.broadcast = broadcast;
      return true;
    }
  }
}

function readScope(context: Context, value: VirtualAddress, argument: Word): void {
  if (value.family === "ipv6") {
    return bad(context, argument.span, "an IPv6 address takes no scope", "the scope is ignored", "delete it");
  }
  const number = parseInteger(argument.value);
  const scope = Object.hasOwn(SCOPES, argument.value) ? SCOPES[argument.value] : number;
  if (scope === undefined || scope < 0 || scope > 255) {
    const cure = "write global, site, link, host, nowhere or a number from 0 to 255";
    const hint = nearest(argument.value, Object.keys(SCOPES));
    return bad(
      context,
      argument.span,
      `scope "${argument.value}" is unknown`,
      "scope global is used",
      cure,
      hint,
    );
  }
  value.scope = scope;
}

/** An IPv4 broadcast address; `+` sets the host bits of the address, `-` clears them. */
function readBroadcast(text: string, address: Address, prefixLength: number): string | undefined {
  if (text !== "+" && text !== "-") {
    const read = readAddress(text);
    return read?.family === "ipv4" ? read.address : undefined;
  }
  const bytes = Uint8Array.from(address.bytes, (byte, index) => {
    const hostBits = Math.min(8, Math.max(0, 8 * (index + 1) - prefixLength));
    const mask = (1 << hostBits) - 1;
    return text === "+" ? byte | mask : byte & ~mask;
  });
  return formatAddress(bytes);
}

/** IP[/MASK]. A bad mask counts as the whole address, as keepalived takes it. */
function readPrefixed(context: Context, word: Word): { address: Address; prefixLength: number } | undefined {
  const slash = word.value.indexOf("/");
  const text = slash < 0 ? word.value : word.value.slice(0, slash);
  const address = readAddress(text);
  if (address === undefined) {
    // A closing brace was forgotten, and the block went on.
    const swallowed = keyword("root", word.value) ?? keyword("vrrp_instance", word.value);
    const cure = swallowed === undefined
      ? "write an address such as 192.0.2.1/24 or 2001:db8::1/64"
      : `${word.value} is a keyword: is a } missing above?`;
    bad(context, word.span, `"${word.value}" is not an IP address`, "the line is ignored", cure);
    return undefined;
  }
  const most = address.family === "ipv4" ? 32 : 128;
  if (slash < 0) return { address, prefixLength: most };
  const mask = word.value.slice(slash + 1);
  const prefixLength = /^\d{1,3}$/.test(mask) ? Number(mask) : -1;
  if (prefixLength >= 0 && prefixLength <= most) return { address, prefixLength };
  const what = `"/${mask}" is not a prefix length`;
  bad(context, word.span, what, `/${most} is used`, `write a number from 0 to ${most}`);
  return { address, prefixLength: most };
}
