// What is on the wire: a capture as frames that can be awaited, and tshark's verdict on it.
import { writeFileSync } from "node:fs";
import { Capture } from "../../native/capture.ts";
import type { Lab } from "./lab.ts";
import { inside } from "./namespace.ts";
import { type AdvertFrame, decode, type Frame, type GarpFrame, type NaFrame } from "./packet.ts";
import { find } from "./peer.ts";
import { run } from "./program.ts";
import { within } from "./until.ts";

/** How often the capture socket is emptied, in milliseconds; the frames carry the kernel's time. */
const READ_EVERY_MS = 4;

interface Waiter {
  from: number;
  matches(frame: Frame): boolean;
  resolve(frame: Frame): void;
}

/** A running capture. Frames are kept in the order of the wire; nothing is lost between two waits. */
export class Wire {
  readonly frames: Frame[] = [];
  /** The capture as a pcap file. */
  readonly file: string;
  readonly #capture: Capture;
  readonly #waiters = new Set<Waiter>();
  readonly #timer: ReturnType<typeof setInterval>;
  #ended = false;

  private constructor(capture: Capture, file: string) {
    this.#capture = capture;
    this.file = file;
    this.#timer = setInterval(() => this.#read(), READ_EVERY_MS);
  }

  /** Captures everything that the switch forwards, each frame once. */
  static async onSwitch(lab: Lab): Promise<Wire> {
    return Wire.#open(lab, lab.switchNamespace, await lab.switchIndex());
  }

  static #open(lab: Lab, namespace: string, ifindex: number): Wire {
    const capture = inside(namespace, () => new Capture(ifindex));
    const wire = new Wire(capture, lab.path(`${namespace}-${++captures}.pcap`));
    lab.defer(() => wire.stop());
    return wire;
  }

  /** A place in the capture, for `next` and `since`. */
  mark(): number {
    return this.frames.length;
  }

  /** The first frame from `from` on that matches, as soon as it is there. */
  next<F extends Frame>(filter: Filter<F>, from = 0): Promise<F> {
    const present = this.frames.slice(from).find(filter.matches);
    if (present !== undefined) return Promise.resolve(present as F);
    const { promise, resolve } = Promise.withResolvers<Frame>();
    const waiter: Waiter = { from, matches: filter.matches, resolve };
    this.#waiters.add(waiter);
    return within(promise as Promise<F>, () => `no ${filter.title} on the wire; seen:\n${this.summary(from)}`)
      .finally(() => this.#waiters.delete(waiter));
  }

  /** The n-th matching frame from `from` on. */
  async nth<F extends Frame>(count: number, filter: Filter<F>, from = 0): Promise<F> {
    let at = from;
    for (let i = 1;; i++) {
      const frame = await this.next(filter, at);
      if (i === count) return frame;
      at = this.frames.indexOf(frame, at) + 1;
    }
  }

  /** Every matching frame from `from` on, so far. */
  since<F extends Frame>(filter: Filter<F>, from = 0): F[] {
    return this.frames.slice(from).filter(filter.matches) as F[];
  }

  /** One line per frame, for failures: the last hundred. */
  summary(from = 0): string {
    return this.frames.slice(from).slice(-100).map(describe).join("\n");
  }

  /** Ends the capture: what was on the wire so far is in `frames` and `file`. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    this.#read();
    this.#capture.close();
    writeFileSync(this.file, pcap(this.frames));
  }

  /**
   * What tshark objects to in the capture, after `stop`: malformed packets, bad checksums, protocol warnings.
   * Empty when it accepts everything. Only frames that match the display filter are judged.
   */
  async objections(displayFilter: string): Promise<string[]> {
    if (find("tshark") === null) {
      console.log("skipped check: tshark is not installed (apt-get install tshark)");
      return [];
    }
    const bad = [
      "_ws.malformed",
      'vrrp.checksum.status == "Bad"',
      'ip.checksum.status == "Bad"',
      'icmpv6.checksum.status == "Bad"',
      '(_ws.expert.severity >= "Warning" && !arp.duplicate-address-detected)',
    ].join(" || ");
    const options = ["-o", "vrrp.v3_checksum_as_in_v2:FALSE", "-o", "ip.check_checksum:TRUE"];
    const text = await run([
      "tshark",
      "-n",
      "-r",
      this.file,
      ...options,
      "-Y",
      `(${displayFilter}) && (${bad})`,
    ]);
    return text.split("\n").filter((line) => line !== "");
  }

  #read(): void {
    for (let f = this.#capture.receive(); f !== null; f = this.#capture.receive()) {
      this.#take(decode(f.timeUs, f.frame));
    }
  }

  #take(frame: Frame): void {
    const index = this.frames.push(frame) - 1;
    for (const waiter of this.#waiters) {
      if (index >= waiter.from && waiter.matches(frame)) waiter.resolve(frame);
    }
  }
}

let captures = 0;

/** The frames as a pcap file (microseconds, Ethernet). */
function pcap(frames: readonly Frame[]): Uint8Array {
  const bytes = new Uint8Array(24 + frames.reduce((sum, f) => sum + 16 + f.bytes.length, 0));
  const view = new DataView(bytes.buffer);
  const put = (at: number, values: number[]) => values.forEach((v, i) => view.setUint32(at + 4 * i, v, true));
  put(0, [0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1]);
  let at = 24;
  for (const { timeUs, bytes: frame } of frames) {
    put(at, [Math.floor(timeUs / 1e6), Math.floor(timeUs % 1e6), frame.length, frame.length]);
    bytes.set(frame, at + 16);
    at += 16 + frame.length;
  }
  return bytes;
}

/** Which frames are meant, and how they are called in a failure. */
export interface Filter<F extends Frame> {
  title: string;
  matches(frame: Frame): frame is F;
}

/** Adverts with all of these fields. */
export function adverts(want: Partial<AdvertFrame> = {}): Filter<AdvertFrame> {
  return {
    title: `advert ${JSON.stringify(want)}`,
    matches: (f): f is AdvertFrame => f.kind === "advert" && has(f, want),
  };
}

/** Gratuitous ARPs with all of these fields. */
export function garps(want: Partial<GarpFrame> = {}): Filter<GarpFrame> {
  return {
    title: `gratuitous ARP ${JSON.stringify(want)}`,
    matches: (f): f is GarpFrame => f.kind === "garp" && has(f, want),
  };
}

/** Neighbour advertisements with all of these fields. */
export function nas(want: Partial<NaFrame> = {}): Filter<NaFrame> {
  return {
    title: `neighbour advertisement ${JSON.stringify(want)}`,
    matches: (f): f is NaFrame => f.kind === "na" && has(f, want),
  };
}

function has(frame: object, want: object): boolean {
  return Object.entries(want).every(([key, value]) =>
    Bun.deepEquals((frame as Record<string, unknown>)[key], value)
  );
}

function describe(f: Frame): string {
  const at = (f.timeUs / 1e6).toFixed(6);
  if (f.kind === "advert") {
    return `${at} advert v${f.version} vrid ${f.vrid} priority ${f.priority} from ${f.from} to ${f.to}`;
  }
  if (f.kind === "garp") return `${at} gratuitous ARP ${f.address} is at ${f.hardware}`;
  if (f.kind === "na") return `${at} neighbour advertisement ${f.address} is at ${f.hardware}`;
  return `${at} type ${f.type.toString(16)} from ${f.source}`;
}

/** Reports of multicast groups (MLDv2, RFC 3810) from this MAC address, behind a Hop-by-Hop header as they must be. */
export function mldReports(mac: string): Filter<Frame> {
  return {
    title: `MLD reports from ${mac}`,
    matches: (frame): frame is Frame => isReport(frame.bytes) && frame.source === mac,
  };
}

function isReport(bytes: Uint8Array): boolean {
  return bytes[12] === 0x86 && bytes[13] === 0xdd && bytes[20] === 0 && bytes[62] === 143;
}
