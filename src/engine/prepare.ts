// What an instance has on an endpoint, built once: its adverts with room for a frame's header, and the judge of those
// that it hears.
import { writeMulticastHeader } from "../../native/frames.ts";
import { memoryPart } from "../../native/slab.ts";
import type { InstanceConfig } from "../config/model.ts";
import { macBytes } from "../config/vmac.ts";
import { parseAddress } from "../vrrp/address.ts";
import { Judge, type JudgeSettings } from "../vrrp/judge.ts";
import { OutgoingAdvert, outgoingLength, type OutgoingSpec } from "../vrrp/outgoing.ts";
import type { Attachment, Endpoint, Lane } from "./endpoint.ts";
import type { Instance } from "./instance.ts";

/** Room before a packet for its Ethernet header, so that the packet stays aligned. */
const FRAME_ROOM = 16;
const ETHERNET_HEADER_BYTES = 14;

/** Multicast adverts of a virtual MAC address are frames: no interface has to be up, or to have an address, for them. */
export function laneOf({ advertMac, unicastPeers, family }: InstanceConfig): Lane {
  return advertMac !== null && unicastPeers.length === 0 ? "frame" : family;
}

/** Builds the packets that an instance sends from this endpoint, and the judge of those that it hears. */
export function prepare(
  instance: Instance,
  endpoint: Endpoint<Instance>,
  source: Uint8Array,
  previous: Attachment<Instance> | null = null,
): Attachment<Instance> {
  const config = instance.config;
  const unicast = config.unicastPeers.length > 0;
  const names = unicast ? config.unicastPeers : [config.multicastGroup];
  const destinations = names.map((name) => endpoint.address(name));
  const addresses = instance.holding.bytes.slice(0, config.addresses.length);
  const specs = destinations.map((destination) => outgoingSpec(instance, { source, destination, addresses }));
  const lane = laneOf(config);
  const room = lane === "frame" ? FRAME_ROOM : 0;
  const lengths = specs.map((spec) => room + (outgoingLength(spec) + 7 & ~7));
  const memory = memoryPart(lengths.reduce((a, b) => a + b, 0));
  const packets: number[] = [];
  let at = 0;
  for (const length of lengths) {
    packets.push(at + room);
    at += length;
  }
  const settings = judgeSettings(config, endpoint, source, addresses);
  const judge = previous?.judge ?? new Judge(settings);
  if (previous !== null) judge.configure(settings);
  const adverts = specs.map((spec, i) => {
    const from = packets[i]!;
    const alone = specs.length === 1 && room === 0;
    return new OutgoingAdvert(
      alone ? memory.bytes : memory.bytes.subarray(from, from + lengths[i]! - room),
      spec,
    );
  });
  const header = lane === "frame" ? ETHERNET_HEADER_BYTES : 0;
  if (lane === "frame") {
    for (const [i, destination] of destinations.entries()) {
      writeMulticastHeader(memory.bytes, packets[i]! - header, macBytes(config.advertMac!), destination);
    }
  }
  return {
    endpoint,
    source,
    judge,
    adverts,
    memory,
    lane,
    starts: packets.map((from) => from - header),
    lengths: adverts.map(({ length }) => header + length),
    targets: names.map((name) => lane === "frame" ? endpoint.wire : endpoint.target(name)),
    bufferBytes: -1,
    queued: false,
  };
}

function outgoingSpec(
  { config, router }: Instance,
  ends: Pick<OutgoingSpec, "source" | "destination" | "addresses">,
): OutgoingSpec {
  const spec: OutgoingSpec = {
    source: ends.source,
    destination: ends.destination,
    addresses: ends.addresses,
    version: config.version,
    family: config.family,
    vrid: config.vrid,
    priority: router.effectivePriority,
    advertIntervalUs: config.advertIntervalUs,
    authentication: config.authentication,
    hmac: config.hmac,
    checksumForm: config.checksumForm,
  };
  if (config.unicastPeers.length > 0) spec.hopLimit = config.unicastTtl;
  if (config.oldChecksum === "send") spec.checksumDestination = parseAddress(config.multicastGroup)!;
  return spec;
}

function judgeSettings(
  config: InstanceConfig,
  endpoint: Endpoint<Instance>,
  source: Uint8Array,
  addresses: readonly Uint8Array[],
): JudgeSettings {
  const unicast = config.unicastPeers.length > 0;
  return {
    version: config.version,
    family: config.family,
    vrid: config.vrid,
    advertIntervalUs: config.advertIntervalUs,
    owner: config.priority === 255,
    ownerIgnoresAdverts: config.ownerIgnoresAdverts,
    hopLimits: config.peerLimits.map(({ peer, min, max }) => ({ sender: parseAddress(peer)!, min, max })),
    strict: config.strict,
    source,
    multicastGroup: unicast ? null : endpoint.address(config.multicastGroup),
    peers: config.checkUnicastSource ? config.unicastPeers.map((p) => endpoint.address(p)) : null,
    addresses,
    authentication: config.authentication,
    hmac: config.hmac,
    checksumForm: config.oldChecksum === "send" ? "old-unicast" : config.checksumForm,
    refusesOldChecksum: config.oldChecksum === "refuse",
    skipCheckAdvAddr: config.skipCheckAdvAddr,
  };
}
