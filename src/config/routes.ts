// Entries of virtual_routes and static_routes.
import { RTNETLINK } from "../../native/constants.ts";
import type { Decoding } from "./decoding.ts";
import { type Entry, EntryFamily, readEntry, takeProtocol } from "./entry.ts";
import { isHopWord, newHop, readGateway, readHop } from "./hops.ts";
import { type HopConfig, ROUTE_MARK, type RouteConfig } from "./routing.ts";
import { noteTrackGroup } from "./grouped.ts";
import type { Word } from "./text.ts";
import type { Statement } from "./tree.ts";

const TYPES: Readonly<Record<string, number>> = {
  unicast: RTNETLINK.RTN_UNICAST,
  local: RTNETLINK.RTN_LOCAL,
  broadcast: RTNETLINK.RTN_BROADCAST,
  anycast: RTNETLINK.RTN_ANYCAST,
  multicast: RTNETLINK.RTN_MULTICAST,
  throw: RTNETLINK.RTN_THROW,
  unreachable: RTNETLINK.RTN_UNREACHABLE,
  prohibit: RTNETLINK.RTN_PROHIBIT,
  blackhole: RTNETLINK.RTN_BLACKHOLE,
};

/** Metrics that are plain numbers, with their range; `lock` may stand before some. */
const METRICS: Readonly<Record<string, [attribute: number, max: number, lockable?: true]>> = {
  mtu: [RTNETLINK.RTAX_MTU, 0xffff_ffff, true],
  hoplimit: [RTNETLINK.RTAX_HOPLIMIT, 255],
  advmss: [RTNETLINK.RTAX_ADVMSS, 0xffff_ffff, true],
  reordering: [RTNETLINK.RTAX_REORDERING, 0xffff_ffff, true],
  window: [RTNETLINK.RTAX_WINDOW, 0xffff_ffff],
  cwnd: [RTNETLINK.RTAX_CWND, 0xffff_ffff, true],
  ssthresh: [RTNETLINK.RTAX_SSTHRESH, 0xffff_ffff, true],
  initcwnd: [RTNETLINK.RTAX_INITCWND, 0xffff_ffff],
  initrwnd: [RTNETLINK.RTAX_INITRWND, 0xffff_ffff],
  quickack: [RTNETLINK.RTAX_QUICKACK, 1],
  fastopen_no_cookie: [RTNETLINK.RTAX_FASTOPEN_NO_COOKIE, 1],
};

/** Times: the kernel keeps them in so many parts of a millisecond; a number without a unit is in those already. */
const TIMES: Readonly<Record<string, [attribute: number, partsPerMs: number]>> = {
  rtt: [RTNETLINK.RTAX_RTT, 8],
  rttvar: [RTNETLINK.RTAX_RTTVAR, 4],
  rto_min: [RTNETLINK.RTAX_RTO_MIN, 1],
};

/** linux/icmpv6.h: ICMPV6_ROUTER_PREF_*. */
const PREFERENCES: Readonly<Record<string, number>> = { low: 3, medium: 0, high: 1 };

/** Options that a misspelled word is likely to mean. */
const LIKELY = ["via", "dev", "src", "table", "metric", "scope", "protocol", "onlink", "nexthop", "no_track"];

/** The usable routes of all blocks of a keyword; what is not usable is reported. */
export function readRoutes(decoding: Decoding, entries: readonly Statement[]): RouteConfig[] {
  return entries.flatMap((statement) =>
    readEntry(decoding, statement, "route", (entry) => new RouteReader(entry).read()) ?? []
  );
}

/** What is known of the route so far. */
class RouteReader {
  readonly #entry: Entry;
  readonly #family = new EntryFamily();
  readonly #route: RouteConfig;
  readonly #direct: HopConfig = newHop();
  readonly #hops: HopConfig[] = [];
  #table: number | null = null;
  #scope: number | null = null;
  #protocol: number | null = null;
  #locks = 0;
  #hasDestination = false;
  /** What only IPv6 has, for a remark. */
  readonly #ipv6Only: Word[] = [];

  constructor(entry: Entry) {
    this.#entry = entry;
    this.#route = {
      text: entry.text,
      family: "ipv4",
      type: RTNETLINK.RTN_UNICAST,
      destination: null,
      from: null,
      table: RTNETLINK.RT_TABLE_MAIN,
      vrf: null,
      protocol: ROUTE_MARK,
      scope: RTNETLINK.RT_SCOPE_UNIVERSE,
      tos: 0,
      metric: 0,
      source: null,
      hops: [],
      metrics: [],
      congestionControl: null,
      expiresS: 0,
      preference: null,
      mode: "replace",
      tracked: true,
      trackGroup: null,
    };
  }

  read(): RouteConfig {
    const entry: Entry = this.#entry;
    for (let word = entry.take(); word !== undefined; word = entry.take()) this.#option(word);
    return this.#complete();
  }

  #option(word: Word): void {
    const entry: Entry = this.#entry;
    const route = this.#route;
    const name = word.value;
    if (Object.hasOwn(METRICS, name)) return this.#metric(word);
    if (Object.hasOwn(TIMES, name)) return this.#time(word);
    if (!this.#hasDestination && Object.hasOwn(TYPES, name)) return void (route.type = TYPES[name]!);
    if (!this.#hasDestination && name === "nat") {
      entry.fail(word, "nat routes were taken out of Linux", "use nftables for address translation");
    }
    if (readHop(entry, word, this.#direct, this.#family)) return;
    switch (name) {
      case "to":
        return this.#destination(entry.value(word));
      case "inet":
      case "inet6":
        return this.#family.force(entry, word, name === "inet" ? "ipv4" : "ipv6");
      case "src": {
        const read = entry.address(word);
        this.#family.note(entry, read.word, read.family);
        return void (route.source = read.address);
      }
      case "from": {
        const value = entry.value(word);
        const { family, ...prefix } = entry.prefix(value);
        this.#family.note(entry, value, family);
        if (family === "ipv4") {
          entry.fail(value, "only IPv6 routes have a source prefix", "use a rule with from");
        }
        return void (route.from = prefix);
      }
      case "tos":
      case "dsfield":
        return void (route.tos = entry.named(word, "rt_dsfield", "type of service"));
      case "table":
        return void (this.#table = entry.named(word, "rt_tables", "table"));
      case "vrf":
        route.vrf = entry.interface(word);
        entry.decoding.places.note("vrf", route.vrf, entry.last.span);
        return;
      case "protocol":
        return void (this.#protocol = entry.named(word, "rt_protos", "protocol"));
      case "scope":
        return void (this.#scope = entry.named(word, "rt_scopes", "scope"));
      case "metric":
      case "priority":
      case "preference":
        return void (route.metric = entry.number(word, 0, 0xffff_ffff));
      case "expires":
        this.#refuseIpv4(word);
        this.#ipv6Only.push(word);
        return void (route.expiresS = entry.number(word, 0, 0xffff_ffff));
      case "pref": {
        this.#refuseIpv4(word);
        const value = entry.value(word);
        if (!Object.hasOwn(PREFERENCES, value.value)) {
          entry.fail(value, `pref "${value.value}" is unknown`, "write low, medium or high");
        }
        this.#ipv6Only.push(word);
        return void (route.preference = PREFERENCES[value.value]!);
      }
      case "features": {
        const value = entry.value(word);
        if (value.value !== "ecn") {
          return entry.ignore(value, `the feature "${value.value}" is unknown`, "write ecn");
        }
        return this.#setMetric(RTNETLINK.RTAX_FEATURES, RTNETLINK.RTAX_FEATURE_ECN);
      }
      case "congctl":
        if (entry.skip("lock")) this.#locks |= 1 << RTNETLINK.RTAX_CC_ALGO;
        return this.#congestionControl(entry.value(word));
      case "add":
      case "append":
      case "prepend":
        return void (route.mode = name);
      case "nexthop":
        return this.#nexthop(word);
      case "or":
        return this.#or(word);
      case "no_track":
        return void (route.tracked = false);
      case "track_group": {
        const group = entry.value(word);
        return noteTrackGroup(route, group.value, group.span);
      }
      default:
        return this.#other(word);
    }
  }

  /** What only IPv6 has, in a route that is known to be none, whatever follows. */
  #refuseIpv4(word: Word): void {
    if (this.#family.known === "ipv4") this.#onlyIpv6(word);
  }

  #onlyIpv6(word: Word): never {
    this.#entry.fail(word, `${word.value} is for IPv6 routes only`, "delete it");
  }

  #other(word: Word): void {
    if (this.#entry.skipWithoutEffect(word, "route")) return;
    if (!this.#hasDestination) return this.#destination(word);
    this.#entry.refuse(word, "route", LIKELY);
  }

  #destination(word: Word): void {
    this.#hasDestination = true;
    if (word.value === "default" || word.value === "default6") return;
    const { family, ...prefix } = this.#entry.prefix(word);
    this.#family.note(this.#entry, word, family);
    this.#route.destination = prefix;
  }

  #metric(word: Word): void {
    const [attribute, max, lockable] = METRICS[word.value]!;
    if (lockable && this.#entry.skip("lock")) this.#locks |= 1 << attribute;
    this.#setMetric(attribute, this.#entry.number(word, 0, max));
  }

  /** The last one counts. */
  #setMetric(attribute: number, value: number): void {
    this.#route.metrics = [...this.#route.metrics.filter(([other]) => other !== attribute), [
      attribute,
      value,
    ]];
  }

  #time(option: Word): void {
    const [attribute, partsPerMs] = TIMES[option.value]!;
    if (this.#entry.skip("lock")) this.#locks |= 1 << attribute;
    const word = this.#entry.value(option);
    if (/\.\d/.test(word.value) && !/\.\d{1,3}s$/.test(word.value)) {
      const what = `${option.value} "${word.value}" is finer than keepalived reads`;
      this.#entry.decoding.report.warning(word.span, `${what}; write whole milliseconds`);
    }
    const [, digits = "", unit = ""] = /^(\d{1,9}(?:\.\d+)?)(s|ms)?$/.exec(word.value) ?? [];
    if (digits === "") {
      this.#entry.fail(word, `${option.value} "${word.value}" is not a time`, "write 200ms or 1s");
    }
    const factor = unit === "s" ? 1000 * partsPerMs : unit === "ms" ? partsPerMs : 1;
    this.#setMetric(attribute, Math.ceil(Number(digits) * factor));
  }

  #congestionControl(word: Word): void {
    // linux/tcp.h: TCP_CA_NAME_MAX counts the zero at the end.
    const TCP_CA_NAME_MAX = 16;
    if (new TextEncoder().encode(word.value).length >= TCP_CA_NAME_MAX) {
      this.#entry.fail(word, `congctl "${word.value}" is longer than 15 characters`, "correct it");
    }
    this.#route.congestionControl = word.value;
  }

  #nexthop(word: Word): void {
    const hop = newHop();
    let words = 0;
    while (this.#entry.next !== undefined && this.#entry.next.value !== "nexthop") {
      const option = this.#entry.next;
      if (option.value === "weight") {
        this.#entry.take();
        hop.weight = this.#entry.number(option, 1, 256);
      } else if (isHopWord(option.value)) {
        this.#entry.take();
        readHop(this.#entry, option, hop, this.#family);
      } else break;
      words++;
    }
    if (words === 0) {
      this.#entry.fail(word, "nexthop names neither a gateway nor an interface", "write via or dev");
    }
    this.#hops.push(hop);
  }

  /** The old form: `via A dev X or B dev Y`. */
  #or(word: Word): void {
    this.#entry.decoding.report.warning(
      word.span,
      '"or" is an old form; write nexthop via ... nexthop via ...',
    );
    if (this.#hops.length === 0) this.#hops.push({ ...this.#direct });
    const hop = newHop();
    if (this.#entry.next?.value !== "via") readGateway(this.#entry, word, hop, this.#family);
    this.#hops.push(hop);
    while (this.#entry.next !== undefined && isHopWord(this.#entry.next.value)) {
      readHop(this.#entry, this.#entry.take()!, hop, this.#family);
    }
  }

  #complete(): RouteConfig {
    const entry: Entry = this.#entry;
    const route = this.#route;
    if (!this.#hasDestination) {
      entry.fail(entry.last, "the route lacks its destination", "write a prefix or default first");
    }
    route.family = this.#family.known ?? "ipv4";
    const [onlyIpv6] = this.#ipv6Only;
    if (onlyIpv6 !== undefined && route.family === "ipv4") this.#onlyIpv6(onlyIpv6);
    if (route.family === "ipv6" && [this.#direct, ...this.#hops].some(({ realms }) => realms !== 0)) {
      entry.fail(entry.first, "realms are for IPv4 routes only", "delete them");
    }
    const several = this.#hops.length > 1;
    route.hops = this.#hops.length > 0 ? this.#hops : [this.#direct];
    // As iproute2 chooses them.
    const own = route.type === RTNETLINK.RTN_LOCAL || route.type === RTNETLINK.RTN_BROADCAST ||
      route.type === RTNETLINK.RTN_ANYCAST;
    route.table = this.#table ?? (own ? RTNETLINK.RT_TABLE_LOCAL : RTNETLINK.RT_TABLE_MAIN);
    const away = several || route.hops[0]!.gateway !== null || route.type > RTNETLINK.RTN_MULTICAST;
    const scope = route.type === RTNETLINK.RTN_LOCAL
      ? RTNETLINK.RT_SCOPE_HOST
      : away
      ? RTNETLINK.RT_SCOPE_UNIVERSE
      : RTNETLINK.RT_SCOPE_LINK;
    route.scope = this.#scope ?? (route.family === "ipv6" ? RTNETLINK.RT_SCOPE_UNIVERSE : scope);
    if (this.#locks !== 0) route.metrics.unshift([RTNETLINK.RTAX_LOCK, this.#locks]);
    route.protocol = takeProtocol(entry, this.#protocol, route.tracked, "route");
    if (route.tracked && this.#direct.interface === null && entry.decoding.syntax === "conf") {
      const what = "keepalived does not put back a route without dev, baton does";
      entry.decoding.report.warning(
        entry.first.span,
        `${what}; add dev or no_track, so that both do the same`,
      );
    }
    return route;
  }
}
