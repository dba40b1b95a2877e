// The finer settings of an instance: when it speaks and to whom it listens, what it sends with, what it survives.
import { readBufferPolicy, readReceiveBuffer, type ReceiveBuffer } from "./buffers.ts";
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { Family } from "./virtual.ts";
import type { Settings } from "./settings.ts";

/** A unicast peer whose adverts must arrive with a TTL or hop limit from `min` to `max`, else they are not used. */
export interface PeerLimits {
  /** Its address. */
  peer: string;
  min: number;
  max: number;
}

/** Part of InstanceConfig. */
export interface FineConfig {
  /** A Master answers an advert that loses against its own (false: lower_prio_no_advert). */
  lowerPriorityAdvert: boolean;
  /** A Master that yields sends one advert more (higher_prio_send_advert). */
  higherPriorityAdvert: boolean;
  /** An owner (priority 255) hears nobody. */
  ownerIgnoresAdverts: boolean;
  /** timer_expired_backup: the priority of the backup that takes over first from a Master that stands still; null = off. */
  expiredPriority: number | null;
  /** Down means FAULT (false: dont_track_primary). */
  trackPrimary: boolean;
  /** A multicast source address that is on no interface means FAULT. */
  trackSource: boolean;
  /** TTL or hop limit of unicast adverts. */
  unicastTtl: number;
  /** min_ttl and max_ttl of the unicast peers that have them. */
  peerLimits: PeerLimits[];
  /** unicast_fault_no_peer, and there is none. */
  lacksPeers: boolean;
  /** Of the socket that hears its adverts; null = baton's own choice. */
  receiveBuffer: ReceiveBuffer | null;
  /** old_unicast_checksum: it is sent, or refused; null: the new one is sent, and both are used. */
  oldChecksum: "send" | "refuse" | null;
}

/** The default of each. */
export const PLAIN_FINE: Readonly<FineConfig> = {
  lowerPriorityAdvert: true,
  higherPriorityAdvert: false,
  ownerIgnoresAdverts: false,
  expiredPriority: null,
  trackPrimary: true,
  trackSource: false,
  unicastTtl: 255,
  peerLimits: [],
  lacksPeers: false,
  receiveBuffer: null,
  oldChecksum: null,
};

/** What global_defs says of them for all instances. */
export interface FineDefaults {
  lowerPriorityAdvert: boolean;
  higherPriorityAdvert: boolean;
  /** Null: not given, which strict mode takes for true. */
  ownerIgnoresAdverts: boolean | null;
  receiveBuffer: ReceiveBuffer | null;
}

/** Reads the defaults from global_defs. */
export function readFineDefaults(decoding: Decoding, settings: Settings): FineDefaults {
  return {
    lowerPriorityAdvert: !(settings.boolean("vrrp_lower_prio_no_advert") ?? false),
    higherPriorityAdvert: settings.boolean("vrrp_higher_prio_send_advert") ?? false,
    ownerIgnoresAdverts: settings.boolean("vrrp_owner_ignore_adverts") ?? null,
    receiveBuffer: readBufferPolicy(decoding, settings),
  };
}

/** What reading an instance has found already. */
interface Found {
  name: string;
  version: 2 | 3;
  family: Family;
  preempt: boolean;
  peers: readonly string[];
  peerLimits: PeerLimits[];
}

/** Reads them from an instance. */
export function readFine(
  reading: Decoding & { defaults: { fine: FineDefaults } },
  settings: Settings,
  found: Found,
): FineConfig {
  const { name, preempt, peers, peerLimits } = found;
  const { fine } = reading.defaults;
  const noAdvert = settings.boolean("lower_prio_no_advert");
  return {
    lowerPriorityAdvert: noAdvert === undefined ? fine.lowerPriorityAdvert : !noAdvert,
    higherPriorityAdvert: settings.boolean("higher_prio_send_advert") ?? fine.higherPriorityAdvert,
    ownerIgnoresAdverts: settings.boolean("owner_ignore_adverts") ?? fine.ownerIgnoresAdverts ?? false,
    expiredPriority: readExpired(reading, settings, name, preempt),
    trackPrimary: !(settings.boolean("dont_track_primary") ?? false),
    trackSource: settings.boolean("track_src_ip") ?? false,
    unicastTtl: settings.number("unicast_ttl") ?? 255,
    peerLimits,
    lacksPeers: lacksPeers(reading, settings, name, peers),
    receiveBuffer: readReceiveBuffer(settings, fine.receiveBuffer),
    oldChecksum: readOldChecksum(reading, settings, found),
  };
}

function readOldChecksum(
  reading: Decoding,
  settings: Settings,
  { name, version, family, peers }: Found,
): FineConfig["oldChecksum"] {
  const value = settings.text("old_unicast_checksum");
  const where = settings.keywordSpan("old_unicast_checksum");
  if (value === undefined || where === null) return null;
  if (version === 3 && family === "ipv4" && peers.length > 0) return value === "never" ? "refuse" : "send";
  const what = `old_unicast_checksum means nothing to vrrp_instance ${name}`;
  bad(reading, where, what, "it is ignored", "delete it, or use version 3 over IPv4 with unicast_peer");
  return null;
}

const EXPIRED = ["timer_expired_backup", "thread_timer_expired"] as const;

function readExpired(reading: Decoding, settings: Settings, name: string, preempt: boolean): number | null {
  const keyword = EXPIRED.find((each) => settings.has(each));
  const where = keyword === undefined ? null : settings.keywordSpan(keyword);
  if (keyword === undefined || where === null) return null;
  const priority = settings.number(keyword) ?? null;
  if (!preempt) return priority;
  const cure = "add nopreempt, or delete it";
  bad(reading, where, `${keyword} of vrrp_instance ${name} needs nopreempt`, "it is ignored", cure);
  return null;
}

function lacksPeers(reading: Decoding, settings: Settings, name: string, peers: readonly string[]): boolean {
  const where = settings.keywordSpan("unicast_fault_no_peer");
  if (where === null || settings.boolean("unicast_fault_no_peer") === false || peers.length > 0) return false;
  if (settings.has("unicast_peer") || settings.has("unicast_src_ip")) return true;
  const what = `unicast_fault_no_peer means nothing to vrrp_instance ${name}, which uses multicast`;
  bad(reading, where, what, "it is ignored", "add unicast_peer, or delete it");
  return false;
}
