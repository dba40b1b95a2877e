// Where adverts come in, and what an instance has there: its place among those who hear, and the packets that it sends.
//
// Both are of any kind of instance: an instance knows its place, and not the other way round.
import type { Memory } from "../../native/memory.ts";
import { Target } from "../../native/target.ts";
import type { Family } from "../config/model.ts";
import { parseAddress } from "../vrrp/address.ts";
import type { Judge } from "../vrrp/judge.ts";
import type { OutgoingAdvert } from "../vrrp/outgoing.ts";

/** Receive buffer: some 1,000 adverts that wait while the process is not scheduled. */
export const RECEIVE_BUFFER_BYTES = 1 << 20;

/** How a packet leaves: through the raw socket of its family, or as a frame. */
export type Lane = Family | "frame";

/** One receiving socket, with all its instances behind it. */
export class Endpoint<Instance> {
  readonly fd: number;
  readonly ifindex: number;
  readonly family: Family;
  readonly protocol: 112 | 51;
  /** Name of the interface at the time of opening, for reports. */
  readonly interfaceName: string;
  /** By VRID. A multicast and a unicast instance may share one. */
  readonly multicast: (Instance | null)[] = new Array(256).fill(null);
  readonly unicast: (Instance | null)[] = new Array(256).fill(null);
  readonly groups = new Map<string, number>();
  /** Where packets out of the interface go, by address: shared by all instances. */
  readonly #targets = new Map<string, Target>();
  readonly #addresses = new Map<string, Uint8Array>();
  /** Where frames out of the interface go. */
  readonly wire: Target;
  users = 0;
  token = -1;
  bufferBytes = RECEIVE_BUFFER_BYTES;

  constructor(fd: number, ifindex: number, family: Family, protocol: 112 | 51, interfaceName: string) {
    this.fd = fd;
    this.ifindex = ifindex;
    this.family = family;
    this.protocol = protocol;
    this.interfaceName = interfaceName;
    this.wire = Target.frame(ifindex);
  }

  /** A group or peer, given as text, as bytes: shared by all instances too. */
  address(text: string): Uint8Array {
    let bytes = this.#addresses.get(text);
    if (bytes === undefined) {
      bytes = parseAddress(text)!;
      this.#addresses.set(text, bytes);
    }
    return bytes;
  }

  /** The target of a destination, given as text. */
  target(destination: string): Target {
    let target = this.#targets.get(destination);
    if (target === undefined) {
      target = Target.ip(this.family, this.address(destination), this.ifindex);
      this.#targets.set(destination, target);
    }
    return target;
  }
}

/** An instance's place in the transport: where it hears, and the packets that it sends. */
export interface Attachment<Instance> {
  endpoint: Endpoint<Instance>;
  source: Uint8Array;
  /** Judges what is heard; it outlives a reattachment, as the AH sequence numbers must. */
  judge: Judge;
  /** One for the group, or one per unicast peer. */
  adverts: OutgoingAdvert[];
  memory: Memory;
  lane: Lane;
  /** First byte and length of what is sent: packets, or frames with a virtual MAC address as their source. */
  starts: number[];
  lengths: number[];
  targets: Target[];
  /** The receive buffer that it asks for; 0 = none in particular, -1 = not asked yet. */
  bufferBytes: number;
  /** Waiting in the send batch: must leave before it is patched again. */
  queued: boolean;
}
