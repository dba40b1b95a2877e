// Where instances send and hear adverts: one receiver per interface, family and protocol with all its instances behind
// it; sending.ts has the senders.
import { monotonicUs, realtimeUs } from "../../native/clock.ts";
import { closeDescriptor } from "../../native/descriptor.ts";
import { setReceiveBuffer } from "../../native/option.ts";
import { ReceiveBatch } from "../../native/receive.ts";
import { joinGroup, leaveGroup, openReceiver } from "../../native/socket.ts";
import type { InstanceConfig } from "../config/model.ts";
import { Advert, inspect, type Packet } from "../vrrp/advert.ts";
import { NO_REFUSAL, REFUSAL_CODES } from "../vrrp/refusal.ts";
import { waitedUs } from "./arrival.ts";
import { type Attachment, Endpoint, RECEIVE_BUFFER_BYTES } from "./endpoint.ts";
import type { Instance } from "./instance.ts";
import { laneOf, prepare } from "./prepare.ts";
import { Sending } from "./sending.ts";

/** IP protocol numbers: VRRP (RFC 9568 section 5.1.1.4) and AH (RFC 2402), which wraps it with auth_type AH. */
const PROTOCOL_VRRP = 112;
const PROTOCOL_AH = 51;

const VRID_REFUSED = REFUSAL_CODES.vrid;

/** What the transport does with the packets: the engine. */
export interface Receiver {
  /** An advert that passed every check, and when the kernel received it (monotonicUs). */
  accepted(instance: Instance, advert: Advert, packet: Packet, remarks: number, arrivedUs: number): void;
  /** A packet that is not used. `instance` is null when none could be told. */
  refused(
    endpoint: Endpoint<Instance>,
    instance: Instance | null,
    code: number,
    packet: Packet,
    advert: Advert,
  ): void;
  /** An advert could not be sent to its destination number `place`. */
  sendFailed(instance: Instance, errno: number, place: number): void;
  /** Registers a socket with the poller, and takes it out again. */
  watch(endpoint: Endpoint<Instance>): void;
  unwatch(endpoint: Endpoint<Instance>): void;
}

/** Two unicast instances of one VRID: what arrives could belong to either. */
export class OccupiedError extends Error {}

/** All VRRP sockets. */
export class Transport {
  readonly #receiver: Receiver;
  readonly #endpoints: Endpoint<Instance>[] = [];
  readonly #batch = new ReceiveBatch();
  readonly #advert = new Advert();
  readonly #packet: Packet;
  readonly #sending: Sending;

  /** `frameFd`: the packet socket for frames, which stays the caller's. */
  constructor(receiver: Receiver, frameFd: number) {
    this.#receiver = receiver;
    this.#sending = new Sending(
      frameFd,
      (instance, errno, place) => receiver.sendFailed(instance, errno, place),
    );
    this.#packet = {
      bytes: this.#batch.memory.bytes,
      family: "ipv4",
      protocol: PROTOCOL_VRRP,
      start: 0,
      end: 0,
      hopLimit: 0,
      sourceStart: 0,
      destinationStart: 0,
    };
  }

  /**
   * Opens what the instance needs on this interface and builds its adverts. Throws SyscallError when a
   * socket is refused, OccupiedError when another instance has the VRID; nothing is left open then.
   */
  attach(
    instance: Instance,
    ifindex: number,
    source: Uint8Array,
    previous: Attachment<Instance> | null = null,
  ): void {
    const config = instance.config;
    this.#sending.open(laneOf(config));
    const endpoint = this.#endpoint(config, ifindex);
    const group = endpoint.address(config.multicastGroup);
    const unicast = config.unicastPeers.length > 0;
    const table = unicast ? endpoint.unicast : endpoint.multicast;
    const other = table[config.vrid];
    if (other != null && other !== instance && !other.removing) {
      this.#release(endpoint);
      throw new OccupiedError(`${other.config.name} serves VRID ${config.vrid} there already`);
    }
    try {
      if (!unicast) this.#join(endpoint, group);
    } catch (error) {
      this.#release(endpoint);
      throw error;
    }
    endpoint.users++;
    table[config.vrid] = instance;
    instance.attachment = prepare(instance, endpoint, source, previous);
  }

  /** Builds the adverts and expectations anew from the configuration, on the sockets that are open. */
  reattach(instance: Instance, ifindex: number, source: Uint8Array): void {
    const previous = instance.attachment;
    this.detach(instance);
    this.attachAgain(instance, ifindex, source, previous);
  }

  /** `attach` with what was `previous`ly known of the peers and told to them. Throws as `attach` does. */
  attachAgain(
    instance: Instance,
    ifindex: number,
    source: Uint8Array,
    previous: Attachment<Instance> | null,
  ): void {
    this.attach(instance, ifindex, source, previous);
    const sequence = previous === null ? 0 : Math.max(...previous.adverts.map((a) => a.sequence));
    for (const [i, advert] of instance.attachment!.adverts.entries()) {
      advert.sequence = sequence;
      // A reload must not send a stamp that was used.
      advert.stamps = previous?.adverts[i]?.stamps ?? advert.stamps;
    }
  }

  /** Closes what only this instance needed. */
  detach(instance: Instance): void {
    const attachment = instance.attachment;
    if (attachment === null) return;
    this.flush();
    const { endpoint } = attachment;
    // Not by the configuration: a reload has already replaced it.
    for (const table of [endpoint.multicast, endpoint.unicast]) {
      const at = table.indexOf(instance);
      if (at >= 0) table[at] = null;
    }
    const group = attachment.judge.settings.multicastGroup;
    if (group !== null) this.#leave(endpoint, group);
    instance.attachment = null;
    endpoint.users--;
    if (endpoint.users > 0 && attachment.bufferBytes > 0) this.#fit(endpoint);
    this.#release(endpoint);
  }

  /** Gives the socket the receive buffer that its instances ask for: the largest of them. `mtu` of the interface. */
  fitBuffer(instance: Instance, mtu: number): void {
    const { attachment, config: { receiveBuffer } } = instance;
    if (attachment === null) return;
    const wanted = receiveBuffer === null
      ? 0
      : "bytes" in receiveBuffer
      ? receiveBuffer.bytes
      : receiveBuffer.times * (receiveBuffer.of === "mtu" ? mtu : attachment.adverts[0]?.length ?? 0);
    const before = attachment.bufferBytes;
    if (wanted === before) return;
    attachment.bufferBytes = wanted;
    // Who asked for nothing and asks for nothing changes nothing: the others need not be looked at.
    if (wanted > 0 || before > 0) this.#fit(attachment.endpoint);
  }

  #fit(endpoint: Endpoint<Instance>): void {
    let most = 0;
    for (const table of [endpoint.multicast, endpoint.unicast]) {
      for (const each of table) most = Math.max(most, each?.attachment?.bufferBytes ?? 0);
    }
    const bytes = most > 0 ? most : RECEIVE_BUFFER_BYTES;
    if (bytes === endpoint.bufferBytes) return;
    endpoint.bufferBytes = bytes;
    setReceiveBuffer(endpoint.fd, bytes);
  }

  /** Queues one advert with this priority; it leaves with the next flush. */
  queue(instance: Instance, priority: number): void {
    this.#sending.queue(instance, priority);
  }

  /** Sends everything that is queued, one call per family. */
  flush(): void {
    this.#sending.flush();
  }

  /** Sends what is queued, and no frame any more: their socket is about to be closed. */
  endFrames(): void {
    this.#sending.endFrames();
  }

  /** Reads one batch. Returns the number of packets; fewer than a full batch means that the socket is empty. */
  receive(endpoint: Endpoint<Instance>): number {
    const count = this.#batch.receive(endpoint.fd);
    if (count <= 0) return count;
    // In this order: what comes between the two readings can only make a wait look shorter than it was.
    const realUs = realtimeUs();
    const nowUs = monotonicUs();
    const packet = this.#packet;
    packet.family = endpoint.family;
    packet.protocol = endpoint.protocol;
    for (let i = 0; i < count; i++) {
      packet.start = this.#batch.start(i);
      packet.end = packet.start + this.#batch.length(i);
      // Of IPv4 the header itself has them.
      if (endpoint.family === "ipv6") this.#readAncillary(packet, i);
      this.#consider(endpoint, packet, nowUs - waitedUs(realUs - this.#batch.stampUs(i)));
    }
    return count;
  }

  /** What the kernel tells beside an IPv6 packet, whose header it keeps. */
  #readAncillary(packet: Packet, i: number): void {
    packet.hopLimit = this.#batch.hopLimit(i);
    packet.sourceStart = this.#batch.sourceStart(i);
    packet.destinationStart = this.#batch.destinationStart(i);
  }

  /** A batch with this many packets may not have been the last. */
  get batchSize(): number {
    return this.#batch.slots;
  }

  #consider(endpoint: Endpoint<Instance>, packet: Packet, arrivedUs: number): void {
    const advert = this.#advert;
    let code = inspect(packet, advert);
    let instance: Instance | null = null;
    if (advert.vrid > 0) {
      instance = advert.multicast
        ? endpoint.multicast[advert.vrid] ?? endpoint.unicast[advert.vrid]!
        : endpoint.unicast[advert.vrid] ?? endpoint.multicast[advert.vrid]!;
    }
    const judge = instance?.attachment?.judge;
    if (code === NO_REFUSAL) {
      code = judge === undefined
        ? VRID_REFUSED
        : judge.judge(packet, advert, judge.needsTime ? realtimeUs() : 0);
    }
    if (code === NO_REFUSAL) this.#receiver.accepted(instance!, advert, packet, judge!.remarks, arrivedUs);
    else this.#receiver.refused(endpoint, instance, code, packet, advert);
  }

  #endpoint(config: InstanceConfig, ifindex: number): Endpoint<Instance> {
    const protocol = config.authentication?.type === "AH" ? PROTOCOL_AH : PROTOCOL_VRRP;
    const found = this.#endpoints.find((e) =>
      e.ifindex === ifindex && e.family === config.family && e.protocol === protocol
    );
    if (found !== undefined) return found;
    const fd = openReceiver({ family: config.family, protocol, ifindex, bufferBytes: RECEIVE_BUFFER_BYTES });
    const endpoint = new Endpoint<Instance>(fd, ifindex, config.family, protocol, config.interface);
    this.#endpoints.push(endpoint);
    this.#receiver.watch(endpoint);
    return endpoint;
  }

  #release(endpoint: Endpoint<Instance>): void {
    if (endpoint.users > 0) return;
    this.#endpoints.splice(this.#endpoints.indexOf(endpoint), 1);
    this.#receiver.unwatch(endpoint);
    closeDescriptor(endpoint.fd);
  }

  #join(endpoint: Endpoint<Instance>, group: Uint8Array): void {
    const key = group.join(".");
    const users = endpoint.groups.get(key) ?? 0;
    if (users === 0) joinGroup(endpoint.fd, endpoint.family, group, endpoint.ifindex);
    endpoint.groups.set(key, users + 1);
  }

  #leave(endpoint: Endpoint<Instance>, group: Uint8Array): void {
    const key = group.join(".");
    const users = endpoint.groups.get(key) ?? 0;
    if (users > 1) {
      endpoint.groups.set(key, users - 1);
      return;
    }
    endpoint.groups.delete(key);
    try {
      leaveGroup(endpoint.fd, endpoint.family, group, endpoint.ifindex);
    } catch {
      // The interface is gone, and the membership with it.
    }
  }
}
