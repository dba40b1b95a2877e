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
  const addresses = instance.holding.bytes.slice(0, config.addresses.length);
  const lane = laneOf(config);
  const room = lane === "frame" ? FRAME_ROOM : 0;
  const header = lane === "frame" ? ETHERNET_HEADER_BYTES : 0;
  const specs: OutgoingSpec[] = [];
  const sizes: number[] = [];
  let whole = 0;
  for (const name of names) {
    const spec = outgoingSpec(instance, { source, destination: endpoint.address(name), addresses });
    const size = room + (outgoingLength(spec) + 7 & ~7);
    specs.push(spec);
    sizes.push(size);
    whole += size;
  }
  const settings = judgeSettings(config, endpoint, source, addresses);
  const judge = previous?.judge ?? new Judge(settings);
  if (previous !== null) judge.configure(settings);
  const attachment: Attachment<Instance> = {
    endpoint,
    source,
    judge,
    adverts: [],
    memory: memoryPart(whole),
    lane,
    starts: [],
    lengths: [],
    targets: [],
    bufferBytes: -1,
    queued: false,
  };
  const { bytes } = attachment.memory;
  const alone = specs.length === 1 && room === 0;
  for (let i = 0, at = 0; i < specs.length; at += sizes[i++]!) {
    const from = at + room;
    const advert = new OutgoingAdvert(alone ? bytes : bytes.subarray(from, at + sizes[i]!), specs[i]!);
    if (lane === "frame") {
      writeMulticastHeader(bytes, from - header, macBytes(config.advertMac!), specs[i]!.destination);
    }
    attachment.adverts.push(advert);
    attachment.starts.push(from - header);
    attachment.lengths.push(header + advert.length);
    attachment.targets.push(lane === "frame" ? endpoint.wire : endpoint.target(names[i]!));
  }
  return attachment;
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
