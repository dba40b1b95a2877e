// Adverts out: one sender per family and one for frames with a virtual MAC address; every advert prebuilt, all that are
// due in a tick sent in one call.
import { realtimeUs } from "../../native/clock.ts";
import { SendBatch } from "../../native/send.ts";
import { openSender } from "../../native/socket.ts";
import type { Lane } from "./endpoint.ts";
import type { Instance } from "./instance.ts";

/** Hears that an advert could not be sent to the instance's destination number `place`. */
type Failed = (instance: Instance, errno: number, place: number) => void;

/** All senders, and what is queued. */
export class Sending {
  readonly #senders: Record<Lane, number>;
  readonly #outgoing = { ipv4: new SendBatch(), ipv6: new SendBatch(), frame: new SendBatch() };
  readonly #queued = { ipv4: [] as Instance[], ipv6: [] as Instance[], frame: [] as Instance[] };
  /** Beside each: to which of its destinations. */
  readonly #places = { ipv4: [] as number[], ipv6: [] as number[], frame: [] as number[] };
  readonly #waiting: Instance[] = [];
  readonly #failed: Failed;

  /** `frameFd`: the packet socket for frames, which stays the caller's. */
  constructor(frameFd: number, failed: Failed) {
    this.#senders = { ipv4: -1, ipv6: -1, frame: frameFd };
    this.#failed = failed;
  }

  /** Opens the socket for adverts of that way. Throws SyscallError. */
  open(lane: Lane): void {
    if (lane !== "frame" && this.#senders[lane] < 0) this.#senders[lane] = openSender(lane);
  }

  /** Queues one advert with this priority; it leaves with the next flush. */
  queue(instance: Instance, priority: number): void {
    const attachment = instance.attachment;
    if (attachment === null) return;
    if (attachment.queued) this.flush();
    const { lane } = attachment;
    const batch = this.#outgoing[lane];
    for (let i = 0; i < attachment.adverts.length; i++) {
      if (batch.full) this.#flushLane(lane);
      const advert = attachment.adverts[i]!;
      const target = attachment.targets[i]!;
      advert.setPriority(priority);
      advert.prepare(attachment.judge.highestSequence, attachment.judge.needsTime ? realtimeUs() : 0);
      if (lane === "frame") advert.complete();
      batch.push(
        attachment.memory.address + attachment.starts[i]!,
        attachment.lengths[i]!,
        target.nameAddress,
        target.nameBytes,
        target.controlAddress,
        target.controlBytes,
      );
      this.#queued[lane].push(instance);
      this.#places[lane].push(i);
    }
    attachment.queued = true;
    this.#waiting.push(instance);
  }

  /** Sends everything that is queued, one call per family. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#flushLane("ipv4");
    this.#flushLane("ipv6");
    this.#flushLane("frame");
    for (let i = 0; i < this.#waiting.length; i++) {
      const attachment = this.#waiting[i]!.attachment;
      if (attachment !== null) attachment.queued = false;
    }
    this.#waiting.length = 0;
  }

  /** Sends what is queued, and no frame any more: their socket is about to be closed. */
  endFrames(): void {
    this.flush();
    this.#senders.frame = -1;
  }

  #flushLane(lane: Lane): void {
    const batch = this.#outgoing[lane];
    const queued = this.#queued[lane];
    const places = this.#places[lane];
    if (queued.length === 0) return;
    const sent = batch.flush(this.#senders[lane]);
    if (sent < queued.length) {
      for (let slot = 0; slot < queued.length; slot++) {
        const errno = batch.error(slot);
        if (errno !== 0) this.#failed(queued[slot]!, errno, places[slot]!);
      }
    }
    queued.length = places.length = 0;
  }
}
