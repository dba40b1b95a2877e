// The routes and rules of one owner (an instance, or the static ones) as netlink messages, and what the kernel
// has of them.
import { Memory } from "../../native/memory.ts";
import {
  decodeRoute,
  type Encapsulation,
  type Prefix,
  type RouteHop,
  routeKey,
  routeMessageBytes,
  type RouteRequest,
  writeRoute,
} from "../../native/netlink/route.ts";
import { decodeRule, RULE_MESSAGE_BYTES, type RuleRequest, writeRule } from "../../native/netlink/rule.ts";
import type { EncapConfig, HopConfig, PrefixConfig, RouteConfig, RuleConfig } from "../config/routing.ts";
import type { KeptRoute } from "../messages.ts";
import { parseAddress } from "../vrrp/address.ts";
import { ABSENT, firstPlaces, HELD, type Holding } from "./holding.ts";
import type { Links } from "./links.ts";

/** What is being done about the routes. "recheck": whatever was lost without a word is added again. */
export type RoutePass = "none" | "take" | "recheck" | "withdraw";

/** One route or rule. */
export type RouteEntry = { kind: "route"; config: RouteConfig } | { kind: "rule"; config: RuleConfig };

/** What the owners of nothing share: nearly all instances. */
const NONE: never[] = [];
/** ILA_ATTR_LOCATOR (linux/ila.h): the first half of an address. */
const LOCATOR_BYTES = 8;
const NO_BYTES = new Uint8Array(0);
const NO_OFFSETS = new Int32Array(1);
const NO_MEMORY = new Memory(4);

/** The routes, then the rules, of one owner: wanted or not, and their state in the kernel. */
export class RouteSet {
  readonly entries: readonly RouteEntry[] = NONE;
  /** ABSENT, HELD or PREEXISTING, for each entry. */
  readonly state: Uint8Array = NO_BYTES;
  /** 1 for each entry with no_track that somebody has removed. */
  readonly forsaken: Uint8Array = NO_BYTES;
  /** What stood in the place of a route that was replaced: the kernel's own message, put back in the end. */
  readonly replaced: (Uint8Array | null)[] = NONE;
  /** Why the entry was refused when it was last tried: told once. */
  readonly refusals: string[] = NONE;
  /** Whether one was refused by the last pass. */
  refused = false;
  /** What tells each entry from others, as the kernel's dumps do; "" = an interface that does not exist. */
  readonly keys: string[] = NONE;
  /** Whose it is; null = the static ones. */
  readonly owner: number | null;
  /** Its addresses come first: gateways and sources depend on them. */
  readonly addresses: Holding | null;
  memory = NO_MEMORY;
  wanted = false;
  pass: RoutePass = "none";
  cursor = 0;
  /** When a route was last put back: limits the fight with whoever removes it. */
  restoredUs = -Infinity;
  /** When lost ones are to be put back; Infinity = none is lost. */
  restoreUs = Infinity;
  readonly #add: Int32Array = NO_OFFSETS;
  readonly #remove: Int32Array = NO_OFFSETS;

  constructor(
    owner: number | null,
    routes: readonly RouteConfig[],
    rules: readonly RuleConfig[],
    addresses: Holding | null,
  ) {
    this.owner = owner;
    this.addresses = addresses;
    if (routes.length === 0 && rules.length === 0) return;
    this.entries = [
      ...routes.map((config): RouteEntry => ({ kind: "route", config })),
      ...rules.map((config): RouteEntry => ({ kind: "rule", config })),
    ];
    const count = this.entries.length;
    this.state = new Uint8Array(count);
    this.forsaken = new Uint8Array(count);
    this.replaced = new Array<Uint8Array | null>(count).fill(null);
    this.refusals = new Array<string>(count).fill("");
    this.keys = new Array<string>(count).fill("");
    this.#add = new Int32Array(count + 1);
    this.#remove = new Int32Array(count + 1);
  }

  get length(): number {
    return this.entries.length;
  }

  /** Writes all messages anew: interfaces are named by their index. */
  build(links: Links): void {
    if (this.entries.length === 0) return;
    const bytes = this.entries.map((e) =>
      e.kind === "rule" ? RULE_MESSAGE_BYTES : routeMessageBytes(e.config.hops.length)
    );
    this.memory = new Memory(Math.max(4, 2 * bytes.reduce((sum, each) => sum + each, 0)));
    let at = 0;
    for (let i = 0; i < this.entries.length; i++) {
      this.#add[i] = at;
      at = this.#write(i, at, false, links);
    }
    this.#add[this.entries.length] = at;
    for (let i = 0; i < this.entries.length; i++) {
      this.#remove[i] = at;
      at = this.#write(i, at, true, links);
    }
    this.#remove[this.entries.length] = at;
    for (let i = 0; i < this.entries.length; i++) this.keys[i] = this.#key(i, links);
  }

  /** The offsets of entry i's request. */
  bounds(i: number, command: "add" | "remove"): [start: number, end: number] {
    const offsets = command === "add" ? this.#add : this.#remove;
    return [offsets[i]!, offsets[i + 1]!];
  }

  /** Whether every interface that entry i names exists, and its VRF is one: any other has no table of its own. */
  reachable(i: number, links: Links): boolean {
    const entry = this.entries[i]!;
    if (entry.kind === "rule") return true;
    const { hops, vrf } = entry.config;
    return (vrf === null || tableOf(vrf, links) !== 0) &&
      hops.every((hop) => hop.interface === null || links.named(hop.interface) !== undefined);
  }

  /** The interfaces that must be up for the owner to be Master: those of what is tracked. */
  interfaces(): string[] {
    if (this.entries.length === 0) return NONE;
    const names = this.entries.flatMap(({ kind, config }) => {
      if (!config.tracked) return [];
      return kind === "route"
        ? config.hops.map((hop) => hop.interface)
        : [config.inInterface, config.outInterface];
    });
    return [...new Set(names)].filter((name) => name !== null);
  }

  /** Whether baton puts the entry back when somebody removes it. */
  restores(i: number): boolean {
    const entry = this.entries[i]!;
    return entry.config.tracked && !(entry.kind === "route" && entry.config.expiresS > 0);
  }

  /** The entry in words. */
  name(i: number): string {
    const { kind, config } = this.entries[i]!;
    return `${kind} "${config.text}"`;
  }

  /** What must not be forgotten should this process die now. */
  kept(): KeptRoute[] {
    return this.entries.flatMap(({ kind, config }, i) =>
      this.state[i] !== HELD ? [] : [{
        kind,
        key: this.keys[i]!,
        protocol: config.protocol,
        text: config.text,
        replaced: this.replaced[i]?.toHex() ?? null,
      }]
    );
  }

  /** For each entry whether it is in the kernel, as far as the model knows. */
  there(): boolean[] {
    return Array.from(
      this.state,
      (state, i) => state !== ABSENT && this.refusals[i] === "" && this.forsaken[i] === 0,
    );
  }

  /** Takes over what an earlier set holds of the same entries. */
  inherit(from: RouteSet): void {
    const places = firstPlaces(from.entries);
    this.entries.forEach((entry, i) => {
      const at = places.get(JSON.stringify(entry));
      if (at === undefined || from.state[at] === ABSENT) return;
      this.state[i] = from.state[at]!;
      this.replaced[i] = from.replaced[at]!;
      from.state[at] = ABSENT;
      from.replaced[at] = null;
    });
    this.restoredUs = from.restoredUs;
  }

  #write(i: number, at: number, remove: boolean, links: Links): number {
    const entry = this.entries[i]!;
    if (entry.kind === "rule") {
      return writeRule(this.memory, at, ruleRequest(entry.config), remove ? "delete" : "add");
    }
    const { mode } = entry.config;
    // First without replacing: what is there already may not be ours.
    const command = remove ? "delete" : mode === "replace" ? "add" : mode;
    return writeRoute(this.memory, at, routeRequest(entry.config, links), command);
  }

  #key(i: number, links: Links): string {
    if (!this.reachable(i, links)) return "";
    const [start, end] = this.bounds(i, "add");
    if (this.entries[i]!.kind === "rule") return decodeRule(this.memory.bytes, start, end)!.key;
    return routeKey(decodeRoute(this.memory.bytes, start, end)!);
  }
}

/** The route as the codec has it; an interface that does not exist has index 0. */
export function routeRequest(config: RouteConfig, links: Links): RouteRequest {
  const [first] = config.hops;
  return {
    ...hopRequest(first!, links),
    family: config.family,
    destination: config.destination === null ? null : masked(config.destination),
    prefixLength: config.destination?.prefixLength ?? 0,
    source: config.source === null ? null : parseAddress(config.source)!,
    protocol: config.protocol,
    type: config.type,
    table: config.vrf === null ? config.table : tableOf(config.vrf, links),
    scope: config.scope,
    tos: config.tos,
    metric: config.metric,
    from: config.from === null ? null : prefixRequest(config.from),
    metrics: config.metrics,
    congestionControl: config.congestionControl,
    expiresS: config.expiresS,
    preference: config.preference,
    hops: config.hops.map((hop) => hopRequest(hop, links)),
  };
}

/** The table of a VRF; 0 = there is none of that name. */
function tableOf(vrf: string, links: Links): number {
  return links.named(vrf)?.vrfTable ?? 0;
}

function hopRequest(hop: HopConfig, links: Links): RouteHop {
  return {
    gateway: hop.gateway === null ? null : parseAddress(hop.gateway)!,
    ifindex: hop.interface === null ? 0 : links.named(hop.interface)?.ifindex ?? 0,
    weight: hop.weight,
    onlink: hop.onlink,
    realms: hop.realms,
    encapsulation: hop.encap === null ? null : encapRequest(hop.encap),
  };
}

function encapRequest(encap: EncapConfig): Encapsulation {
  if (encap.kind === "mpls") return encap;
  if (encap.kind === "ila") {
    return { kind: "ila", locator: parseAddress(`${encap.locator}::`)!.subarray(0, LOCATOR_BYTES) };
  }
  return {
    ...encap,
    id: encap.id === null ? null : BigInt(encap.id),
    destination: encap.destination === null ? null : parseAddress(encap.destination)!,
    source: encap.source === null ? null : parseAddress(encap.source)!,
  };
}

/** The rule as the codec has it. */
export function ruleRequest(config: RuleConfig): RuleRequest {
  return {
    ...config,
    from: config.from === null ? null : prefixRequest(config.from),
    to: config.to === null ? null : prefixRequest(config.to),
    tunnelId: config.tunnelId === null ? null : BigInt(config.tunnelId),
  };
}

function prefixRequest(prefix: PrefixConfig): Prefix {
  return { address: masked(prefix), prefixLength: prefix.prefixLength };
}

/** The address without its host bits: the kernel refuses a route that has some. */
function masked({ address, prefixLength }: PrefixConfig): Uint8Array {
  return parseAddress(address)!.map((byte, i) => {
    const hostBits = Math.min(8, Math.max(0, 8 * (i + 1) - prefixLength));
    return byte & ~((1 << hostBits) - 1);
  });
}
