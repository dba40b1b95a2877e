// What use_vmac and use_ipvlan say alike: the name of the interface to be made, the one below, a group.
import { isInterfaceName } from "./arguments.ts";
import { bad, type Context } from "./context.ts";
import type { Span, Word } from "./text.ts";
import { parseInteger } from "./values.ts";

/** The words of use_vmac or use_ipvlan. */
export interface DeviceWords {
  keyword: "use_vmac" | "use_ipvlan";
  span: Span;
  name: string | null;
  /** Another interface than `interface` to lie on. */
  parent: string | null;
  /** Six octets, or five with the VRID to come; null = that of the RFC. */
  mac: number[] | null;
  /** Null: use_vmac. */
  ipvlan: IpvlanWords | null;
  group: number | null;
}

/** What use_ipvlan has of its own. */
export interface IpvlanWords {
  flag: "bridge" | "private" | "vepa" | null;
  /** With its prefix length, as it is written; null = none. */
  address: { word: Word; address: string; family: "ipv4" | "ipv6"; prefixLength: number } | null;
}

/** The keyword alone. */
export function noWords(
  keyword: DeviceWords["keyword"],
  span: Span,
  ipvlan: IpvlanWords | null,
): DeviceWords {
  return { keyword, span, name: null, parent: null, mac: null, ipvlan, group: null };
}

/** Takes a word as the name of the interface, or else of the one below; what cannot be one is reported. */
export function readName(context: Context, word: Word, found: DeviceWords): void {
  const shown = `${found.keyword} "${word.value}"`;
  if (!isInterfaceName(word.value)) {
    bad(
      context,
      word.span,
      `${shown} cannot be the name of an interface`,
      "it is ignored",
      "write at most 15 characters",
    );
  } else if (found.name === null) found.name = word.value;
  else if (found.parent === null) {
    found.parent = word.value;
    context.places.note("interface", word.value, word.span);
  } else {bad(
      context,
      word.span,
      `${found.keyword} does not take "${word.value}"`,
      "it is ignored",
      "delete it",
    );}
}

/** Takes the number behind `group`; another word is reported. */
export function readGroup(
  context: Context,
  found: DeviceWords,
  keyword: Word,
  argument: Word | undefined,
): void {
  const group = parseInteger(argument?.value ?? "");
  if (group !== undefined && group >= 0 && group <= 0x7fff_ffff) {
    found.group = group;
    return;
  }
  const what = `group "${argument?.value ?? ""}" of ${found.keyword} is not a number`;
  bad(context, (argument ?? keyword).span, what, "it is ignored", "write the number of an interface group");
}
