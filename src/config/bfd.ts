// bfd_instance blocks to the model.
import { bad } from "./context.ts";
import { decodeBlock } from "./decode.ts";
import type { Decoding } from "./decoding.ts";
import { namedOnce, type Placed } from "./once.ts";
import type { BfdConfig } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import type { Span, Word } from "./text.ts";
import { closing, type Statement } from "./tree.ts";
import { readAddress } from "./values.ts";

const LONGEST_NAME = 31;
const LARGEST_TTL = 255;
/** What keepalived sends over IPv6 and is content with, unless told otherwise. */
const KEEPALIVED_HOP_LIMIT = 64;
const DEFAULT_INTERVAL_US = 10_000;
const DEFAULT_IDLE_US = 1_000_000;
const DEFAULT_MULTIPLIER = 5;
/** Longer intervals are taken, and keepalived calls them unreasonable. */
const SENSIBLE_US: Record<string, number> = { min_rx: 1_000_000, min_tx: 1_000_000, idle_tx: 10_000_000 };

/** The sessions of a configuration. */
export interface Bfds {
  sessions: BfdConfig[];
  /** Those that track_bfd may name, by name. */
  tracked: Map<string, Placed<BfdConfig>>;
}

/** All usable sessions in the order of the file. What is not usable is reported and left out. */
export function readBfds(decoding: Decoding, statements: readonly Statement[]): Bfds {
  const found: Bfds = { sessions: [], tracked: new Map() };
  for (const { statement, name } of namedOnce(decoding, statements)) {
    const owner = `bfd_instance ${name.value}`;
    const settings = decodeBlock(decoding, statement.block ?? { statements: [] }, "bfd_instance", owner);
    const session = readSession(decoding, settings, name, owner, closing(statement.block, name.span));
    if (session === undefined) continue;
    const twin = found.sessions.find((other) => sharesPackets(other, session));
    if (twin !== undefined) {
      const what = `${owner} has the neighbor of bfd_instance ${twin.name}, ${session.neighbor}`;
      const cure = "track that one, or give both a source_ip of their own";
      bad(decoding, name.span, what, "it is left out", cure);
      continue;
    }
    found.sessions.push(session);
    const forCheckersOnly = settings.boolean("checker") === true && settings.boolean("vrrp") !== true;
    if (!forCheckersOnly) found.tracked.set(session.name, { thing: session, span: name.span });
  }
  return found;
}

/** Whether a usable session has this name, for whomever. */
export function isSession({ sessions }: Bfds, name: string): boolean {
  return sessions.some((session) => session.name === name);
}

/** Packets of both would be told apart by nothing. */
function sharesPackets(a: BfdConfig, b: BfdConfig): boolean {
  return a.neighbor === b.neighbor && a.multihop === b.multihop &&
    (a.source === b.source || a.source === null || b.source === null);
}

function readSession(
  decoding: Decoding,
  settings: Settings,
  { value: name, span }: Word,
  owner: string,
  end: Span,
): BfdConfig | undefined {
  if (new TextEncoder().encode(name).length > LONGEST_NAME) {
    bad(decoding, span, `the name ${name} is longer than 31 bytes`, "it is left out", "shorten it");
    return undefined;
  }
  const last = settings.order.findLast((each) => /^neighbou?r_ip$/.test(each)) ?? "";
  const neighbor = readAddress(settings.text(last) ?? "");
  if (neighbor === undefined) {
    bad(decoding, end, `${owner} has no neighbor_ip`, "it is left out", "write neighbor_ip ADDRESS");
    return undefined;
  }
  const where = settings.span(last) ?? span;
  const source = readAddress(settings.text("source_ip") ?? "") ?? null;
  if (source !== null && source.family !== neighbor.family) {
    const what = `source_ip and neighbor_ip of ${owner} are not of the same family`;
    bad(decoding, end, what, "it is left out", "correct one of them");
    return undefined;
  }
  if (neighbor.multicast) {
    const what = `the neighbor of ${owner} is a multicast address, which no packet comes from`;
    decoding.report.warning(where, `${what}, so the session stays down; write the neighbor's own address`);
  } else if (/^fe[89ab]/.test(neighbor.address)) {
    const what = `the neighbor of ${owner} is a link-local address, whose interface cannot be told`;
    decoding.report.warning(where, `${what}, so the session stays down; write another address of it`);
  }
  const { weight = 0, reverse = false } = settings.weight("weight") ?? {};
  return {
    name,
    family: neighbor.family,
    neighbor: neighbor.address,
    source: source?.address ?? null,
    minRxUs: readInterval(decoding, settings, "min_rx") ?? DEFAULT_INTERVAL_US,
    minTxUs: readInterval(decoding, settings, "min_tx") ?? DEFAULT_INTERVAL_US,
    idleTxUs: readInterval(decoding, settings, "idle_tx") ?? DEFAULT_IDLE_US,
    multiplier: settings.number("multiplier") ?? DEFAULT_MULTIPLIER,
    passive: settings.boolean("passive") ?? false,
    ...readHops(decoding, settings, neighbor.family === "ipv4" ? LARGEST_TTL : KEEPALIVED_HOP_LIMIT, owner),
    multihop: settings.boolean("multihop") ?? false,
    weight,
    reverse,
  };
}

function readInterval({ report }: Decoding, settings: Settings, name: string): number | undefined {
  const value = settings.number(name);
  const sensible = SENSIBLE_US[name] ?? Infinity;
  const span = settings.span(name);
  if (value !== undefined && span !== null && value > sensible) {
    const what = `${name} of ${value / 1000} ms is more than ${sensible / 1000} ms`;
    report.warning(span, `${what}, so a failure is noticed late; write less`);
  }
  return value;
}

/** `usual`: what packets are to have at least where no ttl is given. */
function readHops(
  decoding: Decoding,
  settings: Settings,
  usual: number,
  owner: string,
): Pick<BfdConfig, "ttl" | "lowestTtl"> {
  const last = settings.order.findLast((each) => each === "ttl" || each === "hoplimit") ?? "ttl";
  const given = settings.number(last);
  const hops = settings.number("max_hops") ?? 0;
  const highest = given ?? usual;
  if (hops > highest) {
    const what = `max_hops of ${owner} is more than its ${last} of ${highest}`;
    decoding.report.warning(
      settings.span("max_hops") ?? settings.span(last)!,
      `${what}, so it is taken for ${highest}; lower it`,
    );
  }
  return { ttl: given ?? LARGEST_TTL, lowestTtl: hops < 0 ? 0 : Math.max(0, highest - hops) };
}
