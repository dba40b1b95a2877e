// The virtual addresses of one instance as netlink messages, built once, and what the kernel has of them.
import {
  type AddressRequest,
  FOREVER,
  setPreferred,
  writeAddAddress,
  writeDeleteAddress,
} from "../../native/netlink/address.ts";
import { IF_ADDR } from "../../native/constants.ts";
import type { Memory } from "../../native/memory.ts";
import { memoryPart } from "../../native/slab.ts";
import { parseAddress } from "../vrrp/address.ts";
import type { InstanceConfig, VirtualAddress } from "../config/model.ts";
import type { AddressFlag, Family } from "../config/virtual.ts";
import { ADDRESS_MARK, type Links } from "./links.ts";

/** Not on the interface. */
export const ABSENT = 0;
/** On the interface because baton added it: renewed, and removed again. */
export const HELD = 1;
/** On the interface before baton wanted it: counts as held, is never touched. */
export const PREEXISTING = 2;

/** Upper bound of one RTM_NEWADDR or RTM_DELADDR as written here: header, ifaddrmsg and all attributes. */
export const MESSAGE_BYTES = 144;

/** Addresses in one slice of work, about half a millisecond: an advert that falls due waits no longer. */
export const SLICE = 32;

/** Which messages: new, another lifetime, no lifetime any more, gone. They lie in regions, so that a whole instance is one contiguous batch. */
export type Region = "add" | "renew" | "settle" | "remove";
const REGIONS: readonly Region[] = ["add", "renew", "settle", "remove"];

/** What is being done about the addresses, one after the other. */
export type Pass = "none" | "take" | "renew" | "withdraw";

/** Addresses of one instance: wanted or not, and their state in the kernel. */
export class Holding {
  readonly addresses: readonly VirtualAddress[];
  /** Network-order bytes of each address. */
  readonly bytes: readonly Uint8Array[];
  /** ABSENT, HELD or PREEXISTING, for each address. */
  readonly state: Uint8Array;
  /** Interface index of each address as the messages name it; 0 = the interface does not exist. */
  readonly ifindex: Int32Array;
  readonly memory: Memory;
  /** Packets to the addresses are dropped while they are held. */
  readonly blocks: boolean;
  /** For each address the firewall's name for it while its packets are dropped on our behalf, else null. */
  readonly blocked: (string | null)[];
  /** Kernel lifetime in seconds; 0 = permanent. */
  leaseS: number;
  wanted = false;
  /**
   * 1 for each IPv6 address that was added but that the kernel does not answer for yet: it puts the local route in
   * place from a worker thread, after the acknowledgement, and reports the address then.
   */
  readonly fresh: Uint8Array;
  /** 1 for each address with no_track that somebody has removed: it is left alone until it is wanted anew. */
  readonly forsaken: Uint8Array;
  freshCount = 0;
  /** What is under way, and the address that it has come to. */
  pass: Pass = "none";
  /** What has become of the last renewal that was asked for, and since when that is so. */
  renewal: "none" | "queued" | "under way" = "none";
  renewingSinceUs = 0;
  cursor = 0;
  /** Once all are taken, those that were there already get the lifetime as well: a reload may have changed it. */
  renewsAfterwards = false;
  /** When an address was last put back: limits the fight with whoever removes it. */
  restoredUs = -Infinity;
  /** When its addresses were taken, monotonicUs: preferred lifetimes count from here; -1 = they are not. */
  takenUs = -1;
  /** Some preferred lifetime ends before the address does, so that it has to be counted down. */
  readonly #ages: boolean;
  /** For each region the first byte of every message and the end. */
  readonly #bounds: Int32Array;

  /** IFA_PROTO of the addresses. */
  readonly mark: number;

  constructor(
    config: Pick<InstanceConfig, "addresses" | "excludedAddresses"> & Partial<Pick<InstanceConfig, "accept">>,
    leaseS: number,
    mark: number = ADDRESS_MARK,
  ) {
    this.mark = mark;
    this.addresses = [...config.addresses, ...config.excludedAddresses];
    this.bytes = this.addresses.map((a) => parseAddress(a.address)!);
    const count = this.addresses.length;
    this.state = new Uint8Array(count);
    this.fresh = new Uint8Array(count);
    this.forsaken = new Uint8Array(count);
    this.ifindex = new Int32Array(count);
    this.memory = memoryPart(Math.max(1, count) * 4 * MESSAGE_BYTES);
    this.blocks = config.accept === false;
    this.blocked = Array<string | null>(count).fill(null);
    this.leaseS = leaseS;
    this.#ages = this.addresses.some(ages);
    this.#bounds = new Int32Array(REGIONS.length * (count + 1));
  }

  /** Writes all messages anew: after the interfaces or the lifetime have changed. */
  build(links: Links): void {
    for (let i = 0; i < this.addresses.length; i++) {
      const ifindex = links.named(this.addresses[i]!.interface)?.ifindex ?? 0;
      // Another interface of that name: nobody has removed anything there.
      if (ifindex !== this.ifindex[i]) this.forsaken[i] = 0;
      this.ifindex[i] = ifindex;
    }
    const requests = this.addresses.map((a, i) => this.#request(a, i));
    let at = this.#write("add", requests, 0);
    at = this.#write("renew", requests, at);
    if (this.settles) {
      const lasting = requests.map((request) => ({ ...request, preferredS: FOREVER, validS: FOREVER }));
      at = this.#write("settle", lasting, at);
    }
    this.#write("remove", requests, at);
  }

  /** First byte of message i of a region; with i = the number of addresses, the region's end. */
  bound(region: Region, i: number): number {
    return this.#bounds[this.#slot(region, i)]!;
  }

  /**
   * Whether addresses must become permanent before they are removed: the kernel deletes the prefix route of an
   * IPv6 address only then, and otherwise keeps it until its lifetime has passed.
   */
  get settles(): boolean {
    return this.leaseS > 0 &&
      this.addresses.some((a) => a.family === "ipv6" && (a.prefixLength < 128 || a.peer !== null));
  }

  /** Address i was added; the kernel will report when it is in place. */
  awaitSettling(i: number): void {
    if (this.fresh[i] === 0) this.freshCount++;
    this.fresh[i] = 1;
  }

  /** Address i is in place, or no longer waited for. Returns whether it was the last one. */
  settled(i: number): boolean {
    if (this.fresh[i] === 0) return false;
    this.fresh[i] = 0;
    return --this.freshCount === 0;
  }

  /** Waits for no address any more. */
  settleAll(): void {
    this.fresh.fill(0);
    this.freshCount = 0;
  }

  /** Whether address i is the one on that interface with that prefix length. */
  isAt(i: number, ifindex: number, prefixLength: number): boolean {
    return this.ifindex[i] === ifindex && this.addresses[i]!.prefixLength === prefixLength;
  }

  /** The kernel has taken away all addresses of a family on that interface. */
  vanished(ifindex: number, family: Family): void {
    for (let i = 0; i < this.addresses.length; i++) {
      if (this.ifindex[i] === ifindex && this.addresses[i]!.family === family) this.state[i] = ABSENT;
    }
  }

  /** Whether every interface still has the index that the messages name. */
  current(links: Links): boolean {
    for (let i = 0; i < this.addresses.length; i++) {
      if ((links.named(this.addresses[i]!.interface)?.ifindex ?? 0) !== this.ifindex[i]) return false;
    }
    return true;
  }

  #request(a: VirtualAddress, i: number): AddressRequest {
    return {
      family: a.family,
      ifindex: this.ifindex[i]!,
      address: this.bytes[i]!,
      prefixLength: a.prefixLength,
      peer: a.peer === null ? null : parseAddress(a.peer),
      flags: flagBits(a),
      scope: a.scope,
      broadcast: a.broadcast === null ? null : parseAddress(a.broadcast),
      label: a.label,
      protocol: this.mark,
      noDad: !a.flags.includes("dad"),
      preferredS: Math.min(a.preferredS, this.#lifetimeS(a)),
      validS: this.#lifetimeS(a),
    };
  }

  #write(region: Region, requests: readonly AddressRequest[], start: number): number {
    let at = start;
    for (let i = 0; i < requests.length; i++) {
      this.#bounds[this.#slot(region, i)] = at;
      const request = requests[i]!;
      at = region === "remove"
        ? writeDeleteAddress(this.memory, at, request)
        : writeAddAddress(this.memory, at, request, region === "add" ? "exclusive" : "replace");
    }
    this.#bounds[this.#slot(region, this.addresses.length)] = at;
    return at;
  }

  #slot(region: Region, i: number): number {
    return REGIONS.indexOf(region) * (this.addresses.length + 1) + i;
  }

  /**
   * Many may hold a multicast address, so it needs no end; and the kernel would not leave the group of one that
   * has run out, nor join it again.
   */
  #lifetimeS(a: VirtualAddress): number {
    return this.leaseS === 0 || a.flags.includes("autojoin") ? FOREVER : this.leaseS;
  }

  /** Writes into the renewals of [first, end) what is left of the preferred lifetimes. Allocates nothing. */
  age(first: number, end: number, nowUs: number): void {
    if (!this.#ages || this.takenUs < 0) return;
    const passedS = Math.floor((nowUs - this.takenUs) / 1_000_000);
    for (let i = first; i < end; i++) {
      const a = this.addresses[i]!;
      if (!ages(a)) continue;
      const leftS = Math.min(Math.max(0, a.preferredS - passedS), this.#lifetimeS(a));
      setPreferred(this.memory, this.bound("renew", i + 1), leftS);
    }
  }
}

/** Whether a batch for the addresses in state `from` takes address i along. */
export function isDue(holding: Holding, i: number, from: number): boolean {
  if (holding.state[i] !== from || holding.ifindex[i] === 0) return false;
  return from !== ABSENT || holding.forsaken[i] === 0;
}

/** Whether it stops being a source while it stays. */
function ages({ preferredS }: VirtualAddress): boolean {
  return preferredS > 0 && preferredS < FOREVER;
}

/** linux/if_addr.h; `dad` is the absence of a flag. */
const FLAG_BITS: Record<AddressFlag, number> = {
  dad: 0,
  home: IF_ADDR.IFA_F_HOMEADDRESS,
  mngtmpaddr: IF_ADDR.IFA_F_MANAGETEMPADDR,
  noprefixroute: IF_ADDR.IFA_F_NOPREFIXROUTE,
  autojoin: IF_ADDR.IFA_F_MCAUTOJOIN,
};

function flagBits({ flags }: VirtualAddress): number {
  return flags.reduce((bits, flag) => bits | FLAG_BITS[flag], 0);
}

/** Where each of a list first stands, by all that is said of it. */
export function firstPlaces(entries: readonly object[]): Map<string, number> {
  const places = new Map<string, number>();
  for (let i = entries.length - 1; i >= 0; i--) places.set(JSON.stringify(entries[i]), i);
  return places;
}

/** Takes over the addresses that are in both holdings and not yet in the second's hands. Returns how many are held. */
export function transferAddresses(from: Holding, to: Holding): number {
  let kept = 0;
  let places: Map<string, number> | null = null;
  for (let i = 0; i < to.addresses.length; i++) {
    if (to.state[i] !== ABSENT) continue;
    places ??= firstPlaces(from.addresses);
    const at = places.get(JSON.stringify(to.addresses[i]));
    // An index that has changed is another interface of that name: what was on the old one is gone.
    if (at === undefined || from.state[at] === ABSENT || from.ifindex[at] !== to.ifindex[i]) continue;
    to.state[i] = from.state[at]!;
    from.state[at] = ABSENT;
    // Not let go and blocked anew: it would answer in between.
    if (to.blocks) {
      to.blocked[i] = from.blocked[at]!;
      from.blocked[at] = null;
    }
    to.takenUs = Math.max(to.takenUs, from.takenUs);
    if (to.state[i] === HELD) kept++;
  }
  return kept;
}
