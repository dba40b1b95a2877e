// THE table of keywords: every keyword of every block, what it takes, its default, and whether it has effect.
import { ACCEPTED } from "./keywords/accepted.ts";
import { LATER_GLOBAL } from "./keywords/later-global.ts";
import { LATER_LVS } from "./keywords/later-lvs.ts";
import { FIREWALL_DEFS } from "./keywords/now-firewall.ts";
import { BFD_INSTANCE } from "./keywords/now-bfd.ts";
import { DIRECTIVES, ROOT } from "./keywords/now-files.ts";
import { GLOBAL_DEFS } from "./keywords/now-global.ts";
import { GARP_GROUP } from "./keywords/now-pacing.ts";
import { SYNC_GROUP, TRACK_GROUP } from "./keywords/now-group.ts";
import { NOTIFY_DEFS } from "./keywords/now-notify.ts";
import { PROCESS_DEFS, PROCESS_ROOT } from "./keywords/now-process.ts";
import {
  ADDRESS,
  AUTH_HMAC,
  AUTHENTICATION,
  TRACK,
  UNICAST_PEER,
  VRRP_INSTANCE,
} from "./keywords/now-instance.ts";
import { ROUTE, RULE } from "./keywords/now-routing.ts";
import { LINKBEAT, TRACK_FILE, TRACK_PROCESS, UP_DOWN_DELAYS } from "./keywords/now-tracking.ts";
import { VRRP_SCRIPT } from "./keywords/now-script.ts";
import type { Keyword, Row } from "./keywords/types.ts";
import { nearest } from "./suggest.ts";

const NOW: Record<string, Row[]> = {
  directives: DIRECTIVES,
  root: [...ROOT, ...PROCESS_ROOT],
  global_defs: [...GLOBAL_DEFS, ...NOTIFY_DEFS, ...FIREWALL_DEFS, ...PROCESS_DEFS],
  vrrp_script: VRRP_SCRIPT,
  vrrp_instance: VRRP_INSTANCE,
  "vrrp_instance/authentication": AUTHENTICATION,
  "vrrp_instance/auth_hmac": AUTH_HMAC,
  "vrrp_instance/unicast_peer-entry": UNICAST_PEER,
  vrrp_sync_group: SYNC_GROUP,
  garp_group: GARP_GROUP,
  track_group: TRACK_GROUP,
  linkbeat_interfaces: LINKBEAT,
  track_file: TRACK_FILE,
  vrrp_track_process: TRACK_PROCESS,
  interface_up_down_delays: UP_DOWN_DELAYS,
  bfd_instance: BFD_INSTANCE,
  "track-entry": TRACK,
  "address-entry": ADDRESS,
  "route-entry": ROUTE,
  "rule-entry": RULE,
};

const LATER: Record<string, string> = { ...LATER_GLOBAL, ...LATER_LVS };

/**
 * The keywords of one block. A row is made when it is first asked for, and the texts of those without effect are read
 * when a word is none of the others: a configuration uses few of them.
 */
class Block implements Iterable<[name: string, row: Keyword]> {
  readonly #block: string;
  readonly #now = new Map<string, Row>();
  readonly #made = new Map<string, Keyword>();
  #without: ReadonlyMap<string, Keyword> | null = null;

  constructor(block: string) {
    this.#block = block;
    for (const row of NOW[block] ?? []) this.#now.set(row[0], row);
  }

  get(name: string): Keyword | undefined {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const row = this.#now.get(name);
    if (row === undefined) return this.#withoutEffect().get(name);
    const made = makeRow(this.#block, row);
    this.#made.set(name, made);
    return made;
  }

  *keys(): Generator<string> {
    yield* this.#now.keys();
    yield* this.#withoutEffect().keys();
  }

  *values(): Generator<Keyword> {
    for (const name of this.keys()) yield this.get(name)!;
  }

  *[Symbol.iterator](): Generator<[name: string, row: Keyword]> {
    for (const name of this.keys()) yield [name, this.get(name)!];
  }

  #withoutEffect(): ReadonlyMap<string, Keyword> {
    return this.#without ??= rowsWithoutEffect(this.#block);
  }
}

/**
 * The blocks by name. Each is made when it is first asked for: a configuration names few of them, and a daemon
 * keeps what it has made.
 */
class Table {
  readonly #blocks = new Map<string, Block>();

  /** The keywords of a block by name, or undefined when there is no such block. */
  get(block: string): Block | undefined {
    const known = this.#blocks.get(block);
    if (known !== undefined) return known;
    if (![NOW, LATER, ACCEPTED].some((rows) => Object.hasOwn(rows, block))) return undefined;
    const made = new Block(block);
    this.#blocks.set(block, made);
    return made;
  }

  *values(): Generator<Block> {
    for (const [, block] of this) yield block;
  }

  *[Symbol.iterator](): Generator<[name: string, block: Block]> {
    for (const name of new Set([NOW, LATER, ACCEPTED].flatMap(Object.keys))) yield [name, this.get(name)!];
  }
}

function makeRow(block: string, [name, type, argument, fallback, meaning, options]: Row): Keyword {
  const { twice = "last", missing = "error", own = false } = options ?? {};
  return {
    block,
    name,
    argument,
    default: fallback,
    meaning,
    effect: true,
    reason: "",
    type,
    twice,
    missing,
    own,
  };
}

function rowsWithoutEffect(block: string): ReadonlyMap<string, Keyword> {
  const made = new Map<string, Keyword>();
  for (const [effect, rows] of [["not yet", LATER], ["none", ACCEPTED]] as const) {
    for (const line of rows[block]?.trim().split("\n") ?? []) {
      const [name = "", argument = "", fallback = "", meaning = "", reason = ""] = line.split(" :: ");
      // One that is built and still stands here would be there twice.
      if (made.has(name) || NOW[block]?.some(([built]) => built === name)) {
        throw new TypeError(`${block} ${name} is in two tables of keywords`);
      }
      const rest = { effect, reason, type: null, twice: "all", missing: "error", own: false } as const;
      made.set(name, { block, name, argument, default: fallback, meaning, ...rest });
    }
  }
  return made;
}

/** Block name -> keyword name -> row. Block names: `root`, `vrrp_instance`, `address-entry`, ... */
export const KEYWORDS: Pick<Table, "get" | "values" | typeof Symbol.iterator> = new Table();

/** The row of a keyword in a block. */
export function keyword(block: string, name: string): Keyword | undefined {
  return KEYWORDS.get(block)?.get(name);
}

/** The names that may be used in a block. */
export function keywordNames(block: string): string[] {
  return [...KEYWORDS.get(block)?.keys() ?? []];
}

/** Blocks whose keywords people put into another block by mistake. */
const WRITTEN_BLOCKS = [
  "root",
  "global_defs",
  "vrrp_instance",
  "vrrp_script",
  "vrrp_instance/authentication",
  "vrrp_sync_group",
  "virtual_server",
  "real_server",
];

/** Another block in which the word is a keyword, in words for a sentence. */
export function otherBlock(block: string, name: string): string | undefined {
  const found = WRITTEN_BLOCKS.find((each) => each !== block && keyword(each, name) !== undefined);
  return found === "root" ? "the top level" : found?.replace(/^.*\//, "");
}

/** The keyword of the block that a misspelled word probably means. */
export function meantKeyword(block: string, word: string): string | undefined {
  return nearest(word, keywordNames(block));
}
