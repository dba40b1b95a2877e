// Options of address entries beyond the place of the address: its far end, its flags, its preferred lifetime.
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import { type AddressFlag, FOREVER_S, type VirtualAddress } from "./virtual.ts";
import type { Word } from "./text.ts";
import { parseInteger, readAddress } from "./values.ts";

/** Options without a value and what they set; `-nodad` is the word for duplicate address detection. */
const FLAGS: Readonly<Record<string, AddressFlag>> = {
  home: "home",
  "-nodad": "dad",
  mngtmpaddr: "mngtmpaddr",
  noprefixroute: "noprefixroute",
  autojoin: "autojoin",
};
/** What the kernel knows of IPv6 addresses only. */
const IPV6_ONLY = new Set(["home", "-nodad", "mngtmpaddr", "preferred_lft"]);

/** What was read of an entry besides its address. */
export interface AddressOptions {
  /** The far end with its word; its prefix length counts instead of the address's own. */
  peer: { address: string; prefixLength: number; word: Word } | null;
  /** Seconds; null = not given. */
  preferredS: number | null;
  /** Whether it names an interface. */
  hasDevice: boolean;
}

/** Takes a flag of this name over. False: it is no flag. */
export function readFlag(decoding: Decoding, value: VirtualAddress, option: Word): boolean {
  if (option.value === "no_track") value.tracked = false;
  else {
    const flag = Object.hasOwn(FLAGS, option.value) ? FLAGS[option.value] : undefined;
    if (flag === undefined) return false;
    warnOfFamily(decoding, value, option);
    if (!value.flags.includes(flag)) value.flags.push(flag);
  }
  return true;
}

function warnOfFamily(decoding: Decoding, { family }: VirtualAddress, option: Word): void {
  if (family === "ipv6" || !IPV6_ONLY.has(option.value)) return;
  decoding.report.warning(
    option.span,
    `${option.value} has no effect on an IPv4 address, for the kernel as for keepalived; delete it`,
  );
}

/** Reads the far end of a point-to-point address. Null: it is left out; reported. */
export function readFarEnd(
  decoding: Decoding,
  value: VirtualAddress,
  argument: Word,
): AddressOptions["peer"] {
  const [text = "", mask] = argument.value.split("/");
  const address = readAddress(text);
  const most = value.family === "ipv4" ? 32 : 128;
  const prefixLength = mask === undefined ? most : /^\d{1,3}$/.test(mask) ? Number(mask) : -1;
  if (address === undefined || address.family !== value.family || prefixLength < 0 || prefixLength > most) {
    const kind = value.family === "ipv4" ? "IPv4" : "IPv6";
    const what = `peer "${argument.value}" is not an ${kind} address`;
    bad(decoding, argument.span, what, "there is no peer", `write peer ${kind} address[/prefix length]`);
    return null;
  }
  if (mask !== undefined && decoding.syntax === "conf") {
    const what = "keepalived 2.2.7 takes no prefix length here and leaves the peer out, baton uses it";
    decoding.report.warning(argument.span, `${what}; write peer ${text} if a host route to it is enough`);
  }
  return { address: address.address, prefixLength, word: argument };
}

/** Reads seconds or `forever`. Null: the default is used; reported. */
export function readPreferred(
  decoding: Decoding,
  value: VirtualAddress,
  option: Word,
  argument: Word,
): number | null {
  warnOfFamily(decoding, value, option);
  if (argument.value === "forever") return FOREVER_S;
  const seconds = parseInteger(argument.value);
  if (seconds !== undefined && seconds >= 0 && seconds < FOREVER_S) return seconds;
  const what = `preferred_lft "${argument.value}" is no number of seconds`;
  bad(decoding, argument.span, what, "the default is used", "write whole seconds, or forever");
  return null;
}

/** Puts what was read into the address: one with a far end has that one's prefix length. */
export function applyOptions(
  decoding: Decoding,
  value: VirtualAddress,
  { peer, preferredS }: AddressOptions,
  word: Word,
): void {
  if (peer !== null) {
    if (word.value.includes("/")) {
      const what = `with a peer the prefix length belongs to that one`;
      bad(
        decoding,
        word.span,
        what,
        `/${peer.prefixLength} is used`,
        "write it after the address of the peer",
      );
    }
    value.peer = peer.address;
    value.prefixLength = peer.prefixLength;
  }
  value.flags.sort();
  value.preferredS = value.family === "ipv4" ? FOREVER_S : preferredS ?? defaultPreferredS(value);
}

/** An IPv6 host address is deprecated from the start, so that this machine never picks it as a source. */
export function defaultPreferredS(
  { family, prefixLength }: Pick<VirtualAddress, "family" | "prefixLength">,
): number {
  return family === "ipv6" && prefixLength === 128 ? 0 : FOREVER_S;
}
