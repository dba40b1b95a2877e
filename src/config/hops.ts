// The ways of a route: gateway, interface, encapsulation, for the one way and for each of several.
import type { Entry, EntryFamily } from "./entry.ts";
import { parseNumber } from "./names.ts";
import type { EncapConfig, HopConfig } from "./routing.ts";
import type { Word } from "./text.ts";

/** A way that is not known yet. */
export function newHop(): HopConfig {
  return { gateway: null, interface: null, weight: 1, onlink: false, realms: 0, encap: null };
}

const HOP_WORDS = ["via", "gw", "dev", "oif", "onlink", "realms", "encap"];

/** Whether an option of this name belongs to a way. */
export function isHopWord(name: string): boolean {
  return HOP_WORDS.includes(name);
}

/** Reads an option that a way has. False: it is none. */
export function readHop(entry: Entry, word: Word, hop: HopConfig, family: EntryFamily): boolean {
  switch (word.value) {
    case "gw":
      entry.decoding.report.warning(word.span, '"gw" is an old form; write via');
      readGateway(entry, word, hop, family);
      return true;
    case "via":
      readGateway(entry, word, hop, family);
      return true;
    case "dev":
    case "oif":
      hop.interface = entry.interface(word);
      return true;
    case "onlink":
      hop.onlink = true;
      return true;
    case "realms":
      hop.realms = entry.realms(word);
      return true;
    case "encap":
      hop.encap = readEncap(entry, word, family);
      return true;
    default:
      return false;
  }
}

/** [inet|inet6] ADDRESS; with the word the gateway may be of the other family (IPv4 routes, Linux 5.2). */
export function readGateway(entry: Entry, option: Word, hop: HopConfig, family: EntryFamily): void {
  const named = entry.skip("inet6") ? "ipv6" : entry.skip("inet") ? "ipv4" : null;
  const read = entry.address(option);
  if (named !== null && named !== read.family) {
    entry.fail(
      read.word,
      `"${read.word.value}" is not of the family written before it`,
      "correct one of them",
    );
  }
  const foreign = named === "ipv6" && family.known === "ipv4";
  if (foreign) {
    entry.decoding.report.warning(
      read.word.span,
      "keepalived 2.2.7 refuses an IPv6 gateway for an IPv4 route",
    );
  } else family.note(entry, read.word, read.family);
  hop.gateway = read.address;
}

function readEncap(entry: Entry, option: Word, family: EntryFamily): EncapConfig {
  // keepalived ends for a value that is missing, but not for this one.
  if (entry.next === undefined) entry.fail(option, "encap lacks its kind", "write ip, ip6, mpls or ila");
  const kind = entry.value(option);
  if (kind.value === "mpls") return readMpls(entry, kind);
  if (kind.value === "ila") {
    // The kernel has it for IPv6 alone (net/ipv6/ila).
    family.note(entry, kind, "ipv6");
    return readIla(entry, kind);
  }
  if (kind.value !== "ip" && kind.value !== "ip6") {
    entry.fail(kind, `baton knows no encapsulation "${kind.value}"`, "write ip, ip6, mpls or ila");
  }
  const result: EncapConfig = {
    kind: kind.value,
    id: null,
    destination: null,
    source: null,
    ttl: null,
    tos: null,
  };
  const inner = kind.value === "ip" ? "ipv4" : "ipv6";
  const end = () => {
    const address = entry.address(entry.last);
    if (address.family !== inner) {
      entry.fail(address.word, `encap ${kind.value} needs an ${inner} address`, "correct it");
    }
    return address.address;
  };
  for (let next = entry.next; next !== undefined; next = entry.next) {
    if (next.value === "id") {
      const word = entry.value(entry.take()!);
      if (!/^\d{1,19}$/.test(word.value)) {
        entry.fail(word, `id "${word.value}" is not a number`, "correct it");
      }
      result.id = word.value;
    } else if (next.value === "dst") {
      entry.take();
      result.destination = end();
    } else if (next.value === "src") {
      entry.take();
      result.source = end();
    } else if (next.value === "ttl" || next.value === "hoplimit") {
      result.ttl = entry.number(entry.take()!, 0, 255);
    } else if (next.value === "tos" || next.value === "tc") {
      result.tos = entry.number(entry.take()!, 0, 255);
    } else break;
  }
  if (result.id === null && result.destination === null) {
    entry.fail(kind, `encap ${kind.value} leads nowhere`, "write dst ADDRESS or id NUMBER");
  }
  return result;
}

function readIla(entry: Entry, kind: Word): EncapConfig {
  const word = entry.value(kind);
  if (!/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$/i.test(word.value)) {
    entry.fail(
      word,
      `"${word.value}" is no locator`,
      "write four groups as of an IPv6 address, 2001:db8:1:2",
    );
  }
  return { kind: "ila", locator: word.value };
}

function readMpls(entry: Entry, kind: Word): EncapConfig {
  const word = entry.value(kind);
  const labels = word.value.split("/").map((text) => parseNumber(text) ?? -1);
  // RFC 3032 section 2.1: a label has 20 bits.
  // The kernel takes 30 of them (include/net/mpls.h: MAX_NEW_LABELS).
  if (labels.length > 30 || labels.some((label) => label < 0 || label > 0xf_ffff)) {
    entry.fail(
      word,
      `"${word.value}" is no stack of labels`,
      "write up to 30 of LABEL[/LABEL...], each 0 to 1048575",
    );
  }
  const ttl = entry.next?.value === "ttl" ? entry.number(entry.take()!, 0, 255) : null;
  return { kind: "mpls", labels, ttl };
}
