// What the kernel last said about its interfaces and their addresses: the model that everything in the
// engine asks instead of the kernel. Fed by a dump at start and after an overrun, by events in between.
import type { AddressInfo } from "../../native/netlink/address.ts";
import { monotonicUs } from "../../native/clock.ts";
import type { LinkInfo } from "../../native/netlink/link.ts";
import { Target } from "../../native/target.ts";
import { IF, IF_ADDR } from "../../native/constants.ts";
import { compareBytes, isLinkLocal } from "../vrrp/address.ts";
import type { Family } from "../config/model.ts";
import type { PacingConfig } from "../config/pacing.ts";
import { Debounce } from "./debounce.ts";
import { Pace, Pacing } from "./pacing.ts";

/** IFA_PROTO mark of the addresses that baton adds (linux/if_addr.h; free for users from 4 up): VRRP's number. */
export const ADDRESS_MARK = 112;
/** The mark of static addresses: they may be the source of adverts, as any address that was there before. */
export const STATIC_MARK = 113;

const IPV4_BYTES = 4;
/** More than can be on their way at once. */
const MOST_DELETED = 4096;

/** The address that an interface sends from; null if it has none. Tentative: not usable yet. */
export interface Source {
  address: Uint8Array | null;
  tentative: boolean;
}

/** An interface has come (from null), gone (to null), or another name. */
export type NameChange = { from: string | null; to: string } | { from: string; to: null };

/** One interface. */
export class Link {
  readonly ifindex: number;
  name: string;
  flags: number;
  mtu: number;
  mac: Uint8Array;
  arpType: number;
  /** The routing table of a VRF; 0 for any other link. */
  vrfTable: number;
  kind: string | null;
  parentIfindex: number;
  /** Bridge, bond or VRF that it belongs to, 0 if none. */
  masterIfindex: number;
  alias: string;
  /** Entries by address, those with baton's mark apart: there may be a thousand, and they are never a source. */
  readonly #marked = new Map<string, AddressInfo[]>();
  readonly #others = new Map<string, AddressInfo[]>();
  /** Those without the mark in one list; null = to be made anew. Every instance of the interface asks for it. */
  #candidates: AddressInfo[] | null = null;
  /** Where frames on its wire go; shared by all that announce there. */
  readonly wire: Target;
  /** How soon the next gratuitous ARP or NA may leave. */
  pace: Pace = new Pace(null, null);
  /** Whether its driver sees a link, where that is polled (linkbeat); null = the kernel's flags count. */
  linkbeat: boolean | null = null;
  /** Whether it counts as working: the kernel's word, after interface_up_down_delays. */
  operational: boolean;

  constructor(info: LinkInfo) {
    this.ifindex = info.ifindex;
    this.wire = Target.frame(info.ifindex);
    this.name = info.name;
    this.flags = info.flags;
    this.mtu = info.mtu;
    this.mac = info.mac;
    this.arpType = info.arpType;
    this.vrfTable = info.vrfTable;
    this.kind = info.kind;
    this.parentIfindex = info.parentIfindex;
    this.masterIfindex = info.masterIfindex;
    this.alias = info.alias;
    this.operational = this.works;
  }

  /** Whether what the kernel says is: administratively up and with carrier. */
  get works(): boolean {
    return (this.flags & IF.IFF_UP) !== 0 && (this.linkbeat ?? (this.flags & IF.IFF_RUNNING) !== 0);
  }

  /** Every entry, in no certain order. */
  get addresses(): AddressInfo[] {
    return [...this.#others.values(), ...this.#marked.values()].flat();
  }

  /** The entry for this address and prefix length, or undefined. */
  find(address: Uint8Array, prefixLength: number): AddressInfo | undefined {
    const key = addressKey(address);
    for (const entries of [this.#others, this.#marked]) {
      for (const entry of entries.get(key) ?? []) if (entry.prefixLength === prefixLength) return entry;
    }
    return undefined;
  }

  /** Whether it has this address, with whatever prefix length. */
  has(address: Uint8Array): boolean {
    const key = addressKey(address);
    return this.#others.has(key) || this.#marked.has(key);
  }

  /** Enters an address, in place of the entry that was there. */
  put(info: AddressInfo): void {
    this.#candidates = null;
    const entries = info.protocol === ADDRESS_MARK ? this.#marked : this.#others;
    remove(info.protocol === ADDRESS_MARK ? this.#others : this.#marked, info);
    const key = addressKey(info.address);
    const same = entries.get(key);
    if (same === undefined) entries.set(key, [info]);
    else {
      const at = same.findIndex((a) => a.prefixLength === info.prefixLength);
      if (at < 0) same.push(info);
      else same[at] = info;
    }
  }

  /** Forgets an address. */
  drop(info: AddressInfo): void {
    this.#candidates = null;
    remove(this.#others, info);
    remove(this.#marked, info);
  }

  /** Forgets all addresses. */
  clear(): void {
    this.#candidates = null;
    this.#others.clear();
    this.#marked.clear();
  }

  /**
   * The address that adverts are sent from (RFC 9568 section 5.1): the primary IPv4 address, or a link-local
   * IPv6 address that has passed duplicate address detection. Addresses that baton added never count. Of several
   * the `current` one stays: the kernel lists them in no fixed order, and peers know us by it.
   */
  source(family: Family, virtual: (address: Uint8Array) => boolean, current: Uint8Array | null): Source {
    let fallback: Source = { address: null, tentative: false };
    let found: Uint8Array | null = null;
    const candidates = this.#candidates ??= [...this.#others.values()].flat();
    for (let i = 0; i < candidates.length; i++) {
      const { address, flags, family: own } = candidates[i]!;
      if (own !== family) continue;
      if (family === "ipv6") {
        if (!isLinkLocal(address, 0, 16) || virtual(address) || (flags & IF_ADDR.IFA_F_DADFAILED) !== 0) {
          continue;
        }
        if ((flags & IF_ADDR.IFA_F_TENTATIVE) !== 0) {
          fallback = { address, tentative: true };
          continue;
        }
      } else if ((flags & IF_ADDR.IFA_F_SECONDARY) !== 0 || virtual(address)) {
        // An owner's only address may be the virtual address itself.
        if (fallback.address === null) fallback = { address, tentative: false };
        continue;
      }
      if (current !== null && sameBytes(address, current)) return { address, tentative: false };
      found ??= address;
    }
    if (found !== null) return { address: found, tentative: false };
    return fallback;
  }
}

/** All interfaces of this network namespace. */
export class Links {
  readonly #byIndex = new Map<number, Link>();
  readonly #byName = new Map<string, Link>();
  readonly debounce = new Debounce();
  /** What has become of names, in order; whoever reads it empties it. */
  readonly names: NameChange[] = [];
  readonly #pacing = new Pacing();
  /** By the name of a polled interface: whether its driver sees a link. */
  readonly #linkbeats = new Map<string, boolean>();

  /** The driver of a polled interface has spoken (null: it is polled no more). Returns whether the interface is known. */
  linkbeat(name: string, up: boolean | null, nowUs: number): boolean {
    if (up === null) this.#linkbeats.delete(name);
    else this.#linkbeats.set(name, up);
    const link = this.#byName.get(name);
    if (link === undefined) return false;
    link.linkbeat = up;
    this.debounce.observe(link, link.works, nowUs);
    return true;
  }

  /** Takes the limits of announcements that a plan brings. */
  pace(groups: readonly PacingConfig[]): void {
    this.#pacing.configure(groups);
    for (const link of this.#byIndex.values()) link.pace = this.#pacing.of(link.name);
  }
  /** Deleted by ourselves: what the kernel said of them before that may still be on its way. */
  readonly #deleted = new Set<number>();

  /** The interface of this name, or undefined while it does not exist. */
  named(name: string): Link | undefined {
    return this.#byName.get(name);
  }

  /** The interface with this index, or undefined. */
  indexed(ifindex: number): Link | undefined {
    return this.#byIndex.get(ifindex);
  }

  /** Takes over a link event. Returns whether anything changed that the engine cares for. */
  update(info: LinkInfo): boolean {
    const link = this.#byIndex.get(info.ifindex);
    if (link === undefined && this.#deleted.has(info.ifindex)) return false;
    if (link === undefined) {
      const added = new Link(info);
      added.pace = this.#pacing.of(info.name);
      added.linkbeat = this.#linkbeats.get(info.name) ?? null;
      added.operational = added.works;
      this.#byIndex.set(info.ifindex, added);
      this.#byName.set(info.name, added);
      this.names.push({ from: null, to: info.name });
      return true;
    }
    const relevant = IF.IFF_UP | IF.IFF_RUNNING;
    const changed = link.name !== info.name || link.mtu !== info.mtu || !sameBytes(link.mac, info.mac) ||
      link.masterIfindex !== info.masterIfindex || (link.flags & relevant) !== (info.flags & relevant);
    if (link.name !== info.name) {
      if (this.#byName.get(link.name) === link) this.#byName.delete(link.name);
      this.names.push({ from: link.name, to: info.name });
      link.name = info.name;
      link.pace = this.#pacing.of(info.name);
      link.linkbeat = this.#linkbeats.get(info.name) ?? null;
      this.#byName.set(info.name, link);
    }
    link.flags = info.flags;
    link.mtu = info.mtu;
    link.mac = info.mac;
    link.arpType = info.arpType;
    link.vrfTable = info.vrfTable;
    link.kind = info.kind;
    link.parentIfindex = info.parentIfindex;
    link.masterIfindex = info.masterIfindex;
    link.alias = info.alias;
    this.debounce.observe(link, link.works, monotonicUs());
    return changed;
  }

  /** Takes over the deletion of an interface. Returns whether it was known. */
  remove(ifindex: number): boolean {
    const link = this.#byIndex.get(ifindex);
    if (link === undefined) return false;
    this.#byIndex.delete(ifindex);
    this.debounce.forget(link);
    this.names.push({ from: link.name, to: null });
    if (this.#byName.get(link.name) === link) this.#byName.delete(link.name);
    return true;
  }

  /** We have deleted an interface: no older event brings it back. The kernel does not use its index again. */
  deleted(ifindex: number): void {
    this.remove(ifindex);
    if (this.#deleted.size >= MOST_DELETED) this.#deleted.clear();
    this.#deleted.add(ifindex);
  }

  /** Takes over an address event. */
  updateAddress(info: AddressInfo): void {
    this.#byIndex.get(info.ifindex)?.put(info);
  }

  /** Takes over the deletion of an address. */
  removeAddress(info: AddressInfo): void {
    this.#byIndex.get(info.ifindex)?.drop(info);
  }

  /** Replaces everything by a fresh dump. */
  resync(links: LinkInfo[], addresses: AddressInfo[]): void {
    const present = new Set(links.map((l) => l.ifindex));
    for (const ifindex of [...this.#byIndex.keys()]) if (!present.has(ifindex)) this.remove(ifindex);
    for (const info of links) {
      this.#deleted.delete(info.ifindex);
      this.update(info);
    }
    for (const link of this.#byIndex.values()) link.clear();
    for (const info of addresses) this.updateAddress(info);
  }

  /** Whether any interface of this machine holds the address. */
  isLocal(address: Uint8Array): boolean {
    for (const link of this.#byIndex.values()) if (link.has(address)) return true;
    return false;
  }

  /** Every address entry, for the search for leftovers. */
  all(): AddressInfo[] {
    return [...this.#byIndex.values()].flatMap((link) => link.addresses);
  }
}

/** An address of 4 or 16 bytes as a key: one character for each byte. */
export function addressKey(a: Uint8Array): string {
  // Not spread: that makes an iterator and an object for each byte, and this runs for each address of each instance.
  if (a.length === IPV4_BYTES) return String.fromCharCode(a[0]!, a[1]!, a[2]!, a[3]!);
  let key = "";
  for (let i = 0; i < a.length; i += 4) key += String.fromCharCode(a[i]!, a[i + 1]!, a[i + 2]!, a[i + 3]!);
  return key;
}

/** Whether two byte strings are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, 0, b, 0, a.length) === 0;
}

function remove(entries: Map<string, AddressInfo[]>, info: AddressInfo): void {
  const key = addressKey(info.address);
  const same = entries.get(key);
  const at = same?.findIndex((a) => a.prefixLength === info.prefixLength) ?? -1;
  if (same === undefined || at < 0) return;
  if (same.length === 1) entries.delete(key);
  else same.splice(at, 1);
}
