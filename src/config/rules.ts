// Entries of virtual_rules and static_rules.
import { FIB_RULES } from "../../native/constants.ts";
import type { Decoding } from "./decoding.ts";
import { type Entry, EntryFamily, readEntry, takeProtocol } from "./entry.ts";
import type { Family } from "./model.ts";
import { parseNumber } from "./names.ts";
import { ROUTE_MARK, type RuleConfig } from "./routing.ts";
import type { Word } from "./text.ts";
import { noteTrackGroup } from "./grouped.ts";
import type { Statement } from "./tree.ts";
import { parseInteger } from "./values.ts";

/** linux/in.h: what can have ports, and what rules are written for. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  "ipv6-icmp": 58,
  ospf: 89,
  vrrp: 112,
  sctp: 132,
  udplite: 136,
};

const ACTIONS: Readonly<Record<string, number>> = {
  nop: FIB_RULES.FR_ACT_NOP,
  blackhole: FIB_RULES.FR_ACT_BLACKHOLE,
  unreachable: FIB_RULES.FR_ACT_UNREACHABLE,
  prohibit: FIB_RULES.FR_ACT_PROHIBIT,
};

/** Options that a misspelled word is likely to mean. */
const LIKELY = ["from", "to", "table", "lookup", "preference", "priority", "fwmark", "ipproto"];

/** Hands out the priorities of rules that are given none, as keepalived does: downwards, each family by itself. */
export class RulePriorities {
  readonly #next: Record<Family, number> = { ipv4: 16384, ipv6: 16384 };

  take(family: Family): number {
    return this.#next[family]--;
  }
}

/** The usable rules of all blocks of a keyword; what is not usable is reported. */
export function readRules(
  decoding: Decoding,
  entries: readonly Statement[],
  priorities: RulePriorities,
): RuleConfig[] {
  return entries.flatMap((statement) =>
    readEntry(decoding, statement, "rule", (entry) => new RuleReader(entry, priorities).read()) ?? []
  );
}

/** What is known of the rule so far. */
class RuleReader {
  readonly #entry: Entry;
  readonly #priorities: RulePriorities;
  readonly #family = new EntryFamily();
  readonly #rule: RuleConfig;
  #priority: number | null = null;
  #protocol: number | null = null;
  #action: Word | null = null;

  constructor(entry: Entry, priorities: RulePriorities) {
    this.#entry = entry;
    this.#priorities = priorities;
    this.#rule = {
      text: entry.text,
      family: "ipv4",
      priority: 0,
      protocol: ROUTE_MARK,
      action: FIB_RULES.FR_ACT_TO_TBL,
      table: 0,
      target: null,
      l3mdev: false,
      not: false,
      from: null,
      to: null,
      tos: 0,
      inInterface: null,
      outInterface: null,
      mark: null,
      markMask: null,
      realms: 0,
      tunnelId: null,
      uidRange: null,
      ipProtocol: null,
      sourcePorts: null,
      destinationPorts: null,
      suppressPrefixLength: null,
      suppressGroup: null,
      tracked: true,
      trackGroup: null,
    };
  }

  read(): RuleConfig {
    const entry: Entry = this.#entry;
    for (let word = entry.take(); word !== undefined; word = entry.take()) this.#option(word);
    return this.#complete();
  }

  #option(word: Word): void {
    const entry: Entry = this.#entry;
    const rule = this.#rule;
    if (Object.hasOwn(ACTIONS, word.value)) {
      this.#act(word);
      return void (rule.action = ACTIONS[word.value]!);
    }
    switch (word.value) {
      case "inet":
      case "inet6":
        return this.#family.force(entry, word, word.value === "inet" ? "ipv4" : "ipv6");
      case "not":
        return void (rule.not = true);
      case "from":
      case "to":
        return this.#prefix(word, word.value);
      case "table":
      case "lookup":
        this.#act(word);
        return void (rule.table = entry.named(word, "rt_tables", "table"));
      case "l3mdev":
        this.#act(word);
        return void (rule.l3mdev = true);
      case "goto":
        this.#act(word);
        rule.action = FIB_RULES.FR_ACT_GOTO;
        return void (rule.target = entry.number(word, 1, 0xffff_ffff));
      case "preference":
      case "order":
      case "priority":
        return void (this.#priority = entry.number(word, 1, 0xffff_ffff, parseNumber));
      case "tos":
      case "dsfield":
        return void (rule.tos = entry.named(word, "rt_dsfield", "type of service"));
      case "fwmark":
        return this.#mark(word);
      case "realms":
        return void (rule.realms = entry.realms(word));
      case "suppress_prefixlength":
      case "sup_pl":
        return void (rule.suppressPrefixLength = entry.number(word, 0, 128));
      case "suppress_ifgroup":
      case "sup_group":
        return void (rule.suppressGroup = entry.named(word, "group", "interface group"));
      case "dev":
      case "iif":
        return void (rule.inInterface = entry.interface(word));
      case "oif":
        return void (rule.outInterface = entry.interface(word));
      case "tunnel-id": {
        const value = entry.value(word);
        if (!/^\d{1,19}$/.test(value.value)) {
          entry.fail(value, `tunnel-id "${value.value}" is not a number`, "correct it");
        }
        return void (rule.tunnelId = value.value);
      }
      case "uidrange":
        return void (rule.uidRange = this.#range(word, 0xffff_fffe));
      case "sport":
        return void (rule.sourcePorts = this.#range(word, 65535));
      case "dport":
        return void (rule.destinationPorts = this.#range(word, 65535));
      case "ipproto":
        return this.#ipProtocol(word);
      case "protocol":
        return void (this.#protocol = entry.named(word, "rt_protos", "protocol"));
      case "no_track":
        return void (rule.tracked = false);
      case "track_group": {
        const group = entry.value(word);
        return noteTrackGroup(rule, group.value, group.span);
      }
      default:
        if (!entry.skipWithoutEffect(word, "rule")) entry.refuse(word, "rule", LIKELY);
    }
  }

  #act(word: Word): void {
    if (this.#action !== null) {
      const what = `a rule has one action, and "${this.#action.value}" was written already`;
      this.#entry.fail(word, what, `delete it or ${word.value}`);
    }
    this.#action = word;
  }

  #prefix(option: Word, end: "from" | "to"): void {
    const word = this.#entry.value(option);
    if (/^(all|any|default)$/.test(word.value)) return void (this.#rule[end] = null);
    const { family, ...prefix } = this.#entry.prefix(word);
    this.#family.note(this.#entry, word, family);
    this.#rule[end] = prefix;
  }

  #mark(option: Word): void {
    const word = this.#entry.value(option);
    const [mark = "", mask] = word.value.split("/");
    const numbers = [parseNumber(mark), mask === undefined ? null : parseNumber(mask)];
    if (numbers.some((number) => number === undefined || (number !== null && number > 0xffff_ffff))) {
      this.#entry.fail(word, `fwmark "${word.value}" is not a mark`, "write MARK[/MASK], decimal or 0x...");
    }
    this.#rule.mark = numbers[0] as number;
    this.#rule.markMask = numbers[1] as number | null;
  }

  /** FIRST-LAST; one number alone, which keepalived refuses, is a range of one. */
  #range(option: Word, max: number): [number, number] {
    const word = this.#entry.value(option);
    const [, first = "", last = first] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(word.value) ?? [];
    if (first === "" || Number(first) > Number(last) || Number(last) > max) {
      this.#entry.fail(
        word,
        `${option.value} "${word.value}" is not a range`,
        `write FIRST-LAST, at most ${max}`,
      );
    }
    if (first === last && !word.value.includes("-")) {
      const what = `keepalived refuses ${option.value} with one number`;
      this.#entry.decoding.report.warning(word.span, `${what}; write ${first}-${first} for both`);
    }
    return [Number(first), Number(last)];
  }

  #ipProtocol(option: Word): void {
    const word = this.#entry.value(option);
    const number = PROTOCOLS[word.value] ?? parseInteger(word.value);
    if (number === undefined || number > 255) {
      this.#entry.fail(word, `ipproto "${word.value}" is unknown`, "write a name such as tcp, or a number");
    }
    this.#rule.ipProtocol = number;
  }

  #complete(): RuleConfig {
    const entry: Entry = this.#entry;
    const rule = this.#rule;
    const action = this.#action;
    if (action === null) {
      entry.fail(
        entry.last,
        "the rule has no action",
        "add table, goto, blackhole, prohibit, unreachable or nop",
      );
    }
    rule.family = this.#family.known ?? "ipv4";
    if (this.#priority === null) {
      rule.priority = this.#priorities.take(rule.family);
      const what = `the rule has no preference, so ${rule.priority} is used`;
      entry.decoding.report.warning(
        entry.last.span,
        `${what}; add preference N, so that its place is what you mean`,
      );
    } else rule.priority = this.#priority;
    if (rule.target !== null && rule.target <= rule.priority) {
      entry.fail(
        action,
        `goto ${rule.target} goes back from ${rule.priority}`,
        "go to a higher preference",
      );
    }
    rule.protocol = takeProtocol(entry, this.#protocol, rule.tracked, "rule");
    return rule;
  }
}
