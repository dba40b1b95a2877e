// Entries of virtual_routes and static_routes.
import { RTNETLINK } from "../../native/constants.ts";
import type { Decoding } from "./decoding.ts";
import { type Entry, EntryFamily, readEntry } from "./entry.ts";
import { keyword } from "./keywords.ts";
import { parseNumber } from "./names.ts";
import { type EncapConfig, type HopConfig, ROUTE_MARK, type RouteConfig } from "./routing.ts";
import { noteTrackGroup } from "./track_groups.ts";
import { nearest } from "./suggest.ts";
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
  window: [RTNETLINK.RTAX_WINDOW, 0xffff_ffff, true],
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
        return void (route.vrf = entry.interface(word));
      case "protocol":
        return void (this.#protocol = entry.named(word, "rt_protos", "protocol"));
      case "scope":
        return void (this.#scope = entry.named(word, "rt_scopes", "scope"));
      case "metric":
      case "priority":
      case "preference":
        return void (route.metric = entry.number(word, 0, 0xffff_ffff));
      case "expires":
        this.#ipv6Only.push(word);
        return void (route.expiresS = entry.number(word, 0, 0xffff_ffff));
      case "pref": {
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

  #other(word: Word): void {
    const entry: Entry = this.#entry;
    const row = keyword("route-entry", word.value);
    if (row !== undefined) {
      entry.decoding.later.add(word.value, word.span, row.reason);
      if (row.argument === "-") return;
      entry.skip("to");
      return void entry.value(word);
    }
    if (!this.#hasDestination) return this.#destination(word);
    const names = [
      "via",
      "dev",
      "src",
      "table",
      "metric",
      "scope",
      "protocol",
      "onlink",
      "nexthop",
      "no_track",
    ];
    const hint = nearest(word.value, names);
    const cure = hint === undefined ? "correct or delete it" : `did you mean ${hint}?`;
    entry.fail(word, `"${word.value}" is not an option of a route`, cure);
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
    if (route.family === "ipv4" && onlyIpv6 !== undefined) {
      entry.fail(onlyIpv6, `${onlyIpv6.value} is for IPv6 routes only`, "delete it");
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

/** The protocol of a route or rule: one that is watched carries baton's own, as keepalived gives it its own. */
export function takeProtocol(
  entry: Entry,
  given: number | null,
  tracked: boolean,
  kind: "route" | "rule",
): number {
  const RTPROT_KEEPALIVED = 18;
  if (given === null || (tracked && given === RTPROT_KEEPALIVED)) return ROUTE_MARK;
  if (!tracked) return given;
  const what = `a ${kind} that is tracked has protocol ${ROUTE_MARK}`;
  entry.decoding.report.warning(
    entry.last.span,
    `${what}, so the given protocol is ignored; add no_track to keep it`,
  );
  return ROUTE_MARK;
}

function newHop(): HopConfig {
  return { gateway: null, interface: null, weight: 1, onlink: false, realms: 0, encap: null };
}

const HOP_WORDS = ["via", "gw", "dev", "oif", "onlink", "realms", "encap"];

function isHopWord(name: string): boolean {
  return HOP_WORDS.includes(name);
}

/** Reads an option that a hop has. False: it is none. */
function readHop(entry: Entry, word: Word, hop: HopConfig, family: EntryFamily): boolean {
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
function readGateway(entry: Entry, option: Word, hop: HopConfig, family: EntryFamily): void {
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
