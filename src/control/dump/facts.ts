// What keepalived's three dumps are made of, and the texts that they share.
import type { Command, Config, NotifyConfig, VirtualAddress } from "../../config/model.ts";
import { type AddressFlag, FOREVER_S } from "../../config/virtual.ts";
import { COUNTERS } from "../../messages.ts";
import type { WholeFacts } from "../../status/kept.ts";
import type { InstanceFacts } from "../../status/snapshot.ts";
import { ScriptPolicy } from "../../tracking/policy.ts";
import { type Refusal, REFUSALS } from "../../vrrp/refusal.ts";
import { deviceText } from "./vmac.ts";

/** A tracked script as it stands. */
export interface ScriptFacts {
  name: string;
  /** The rise and fall count. */
  count: number;
  /** Null = no result yet. */
  ok: boolean | null;
  state: "idle" | "running" | "requested termination";
}

/** Everything that a dump shows. */
export interface DumpFacts {
  config: Config;
  instances: readonly DumpedInstance[];
  scripts: readonly ScriptFacts[];
  /** Sync groups, static entries, BFD sessions. */
  whole: WholeFacts;
}

/** An instance, and what its counters count since the last time that they were cleared. */
export interface DumpedInstance {
  facts: InstanceFacts;
  statistics: Statistics;
}

/** keepalived's counters in the order of its dumps. Those of auth_hmac are shown where it is configured. */
export const STATISTICS = [
  "advert_rcvd",
  "advert_sent",
  "become_master",
  "release_master",
  "packet_len_err",
  "advert_interval_err",
  "ip_ttl_err",
  "invalid_type_rcvd",
  "addr_list_err",
  "invalid_authtype",
  "authtype_mismatch",
  "auth_failure",
  "auth_ext_missing",
  "auth_ext_malformed",
  "auth_ext_unknown_key",
  "auth_ext_invalid_hmac",
  "auth_ext_stale",
  "auth_ext_replay",
  "pri_zero_rcvd",
  "pri_zero_sent",
] as const;
export type Statistics = Record<(typeof STATISTICS)[number], number>;

/** Reads keepalived's counters out of baton's; `releases`: how often it has left MASTER. */
export function statisticsOf({ counters, releases }: InstanceFacts): Statistics {
  const counter = (name: (typeof COUNTERS)[number]) => counters[COUNTERS.indexOf(name)] ?? 0;
  const refused = (...names: Refusal[]) =>
    names.reduce((sum, name) => sum + (counters[COUNTERS.length + REFUSALS.indexOf(name)] ?? 0), 0);
  return {
    advert_rcvd: counter("advertisement_rcvd"),
    advert_sent: counter("advertisement_sent"),
    become_master: counter("master_transitions"),
    release_master: releases,
    packet_len_err: counter("packet_length_errors"),
    advert_interval_err: counter("interval_errors"),
    ip_ttl_err: refused("ttl"),
    invalid_type_rcvd: counter("invalid_type_pkts_rcvd"),
    addr_list_err: counter("address_list_errors"),
    invalid_authtype: refused("auth_type"),
    authtype_mismatch: refused("auth_mismatch"),
    auth_failure: refused("auth_failure", "auth_replay"),
    auth_ext_missing: refused("hmac_missing"),
    // A trailer of another form is a wrong length here.
    auth_ext_malformed: 0,
    auth_ext_unknown_key: refused("hmac_key"),
    auth_ext_invalid_hmac: refused("hmac_tag"),
    auth_ext_stale: refused("hmac_stale"),
    auth_ext_replay: refused("hmac_replay"),
    pri_zero_rcvd: counter("priority_zero_pkts_rcvd"),
    pri_zero_sent: counter("priority_zero_pkts_sent"),
  };
}

/** `now` minus what was counted when the counters were cleared. */
export function since(now: Statistics, cleared: Statistics | undefined): Statistics {
  if (cleared === undefined) return now;
  return Object.fromEntries(STATISTICS.map((name) => [name, now[name] - cleared[name]])) as Statistics;
}

/** linux/rtnetlink.h: scopes that have names. */
const SCOPES: Readonly<Record<number, string>> = {
  0: "global",
  200: "site",
  253: "link",
  254: "host",
  255: "nowhere",
};

/** The flags of addresses in the order of keepalived's dumps. */
const FLAG_WORDS: readonly (readonly [AddressFlag, string])[] = [
  ["home", "home"],
  ["dad", "-nodad"],
  ["mngtmpaddr", "mngtmpaddr"],
  ["noprefixroute", "noprefixroute"],
  ["autojoin", "autojoin"],
];

/** An address the way keepalived writes it, `set` when it is on its interface; `device`: how that is named. */
export function addressText(address: VirtualAddress, held: boolean, device = address.interface): string {
  const whole = address.family === "ipv4" ? 32 : 128;
  const { peer, preferredS } = address;
  const prefix = peer !== null || address.prefixLength === whole ? "" : `/${address.prefixLength}`;
  const life = preferredS === 0
    ? " deprecated"
    : ` preferred_lft ${preferredS === FOREVER_S ? "forever" : preferredS}`;
  const words = FLAG_WORDS.filter(([flag]) => address.flags.includes(flag)).map(([, word]) => ` ${word}`);
  return [
    `${address.address}${prefix}`,
    address.broadcast === null ? "" : ` brd ${address.broadcast}`,
    ` dev ${device} scope ${SCOPES[address.scope] ?? address.scope}`,
    address.label === null ? "" : ` label ${address.label}`,
    peer === null ? "" : ` peer ${peer}/${address.prefixLength}`,
    ...words,
    address.tracked ? "" : " no_track",
    address.trackGroup === null ? "" : ` track_group ${address.trackGroup}`,
    address.family === "ipv6" ? life : "",
    held ? " set" : "",
  ].join("");
}

/** Both lists of addresses of an instance, as texts. */
export function addressTexts({ config, held }: InstanceFacts): { vips: string[]; excluded: string[] } {
  const count = config.addresses.length;
  return {
    vips: config.addresses.map((a, i) => addressText(a, held[i] ?? false, deviceText(config, a))),
    excluded: config.excludedAddresses.map((a, i) =>
      addressText(a, held[count + i] ?? false, deviceText(config, a))
    ),
  };
}

/** How commands are shown: with the path that is run, every word in quotes, and as whom. */
export class Commands {
  readonly #policy: ScriptPolicy;

  constructor(config: Config) {
    // What the policy has to say was said when the script ran.
    this.#policy = new ScriptPolicy(config.global, () => {});
  }

  /** `'/usr/bin/echo' 'a b'`. */
  words(command: Command): string {
    const prepared = this.#policy.prepare(command);
    const words = prepared.refused === null ? prepared.words : command.words;
    return words.map((word) => `'${word}'`).join(" ");
  }

  /** `UID:GID`; those of the daemon where the policy changes nothing or refuses. */
  identity(command: Command): string {
    const prepared = this.#policy.prepare(command);
    const identity = prepared.refused === null ? prepared.identity : null;
    return identity === null
      ? `${process.geteuid?.() ?? 0}:${process.getegid?.() ?? 0}`
      : `${identity.uid}:${identity.gid}`;
  }
}

/** The scripts that hear of the transitions of an instance or a group. */
export function notifyLines(notify: NotifyConfig, commands: Commands): string[] {
  const kinds = { Backup: notify.backup, Master: notify.master, Fault: notify.fault, Stop: notify.stop };
  const all = { ...kinds, Generic: notify.any };
  return Object.entries(all).flatMap(([kind, command]) =>
    command === null ? [] : [
      `   ${kind} state transition script = ${commands.words(command)}, uid:gid ${
        commands.identity(command)
      }`,
    ]
  );
}

/** Numbers of the states in the JSON dump. */
export const STATE_NUMBER = { INIT: 0, BACKUP: 1, MASTER: 2, FAULT: 3 } as const;

/** What keepalived calls wantstate: the state itself, but for one that waits. */
export function wantedState({ state, config }: InstanceFacts): InstanceFacts["state"] {
  return state === "INIT" ? config.initialState : state;
}

/** What stands in the place of a secret. */
export const SECRET = "********";
