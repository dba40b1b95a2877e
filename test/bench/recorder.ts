// Records the adverts or the announcements on a link with the kernel's timestamps, and lets a measurement wait.
import { dlopen } from "bun:ffi";
import { Capture, type CapturedFrame } from "../../native/capture.ts";
import { SOCKET } from "../../native/constants.ts";
import { SyscallError } from "../../native/errno.ts";
import { SOCK_FILTER, SOCK_FPROG } from "../../native/layout.ts";
import { libcName } from "../../native/libc.ts";
import { Memory, pointer, writePointer } from "../../native/memory.ts";
import { setOptionMemory } from "../../native/option.ts";
import type { Announcement, SeenAdvert } from "./analyse.ts";
import { inside, type Node } from "./lab.ts";
import { readAdvert, readAnnouncement } from "./packets.ts";

/** Classic BPF, linux/bpf_common.h: load half-word, load byte, jump if equal, return a constant. */
const LDH = 0x28, LDB = 0x30, JEQ = 0x15, RET = 0x06;
/** linux/filter.h: SKF_AD_OFF + SKF_AD_PKTTYPE. */
const PACKET_TYPE = 0xfffff004;
const PACKET_OUTGOING = 4;
/** linux/if_packet.h: PACKET_STATISTICS, struct tpacket_stats {packets, drops}. */
const PACKET_STATISTICS = 6;
const { getsockopt } = dlopen(libcName, {
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
}).symbols;
const DRAIN_MS = 50;
const POLL_MS = 2;

type Instruction = [code: number, ifTrue: number, ifFalse: number, k: number];

/** What a frame must have, and at which offset: two bytes or one. */
type Test = [load: typeof LDH | typeof LDB, offset: number, value: number];
const IS_IPV4: Test = [LDH, 12, 0x0800], IS_VRRP: Test = [LDB, 23, 112], IS_ARP: Test = [LDH, 12, 0x0806];
const IS_OUTGOING: Test = [LDB, PACKET_TYPE, PACKET_OUTGOING];

/** Passes frames that pass all tests. */
function filterProgram(tests: readonly Test[]): Instruction[] {
  const last = 2 * tests.length;
  const checks = tests.flatMap(([load, offset, value], i): Instruction[] => [
    [load, 0, 0, offset],
    [JEQ, 0, last - 2 * i - 1, value],
  ]);
  return [...checks, [RET, 0, 0, 0xffff], [RET, 0, 0, 0]];
}

function attachFilter(fd: number, program: readonly Instruction[]): void {
  const code = new Memory(program.length * SOCK_FILTER.size);
  program.forEach(([opcode, ifTrue, ifFalse, k], i) => {
    const at = i * SOCK_FILTER.size;
    code.view.setUint16(at + SOCK_FILTER.at.code, opcode, true);
    code.view.setUint8(at + SOCK_FILTER.at.jt, ifTrue);
    code.view.setUint8(at + SOCK_FILTER.at.jf, ifFalse);
    code.view.setUint32(at + SOCK_FILTER.at.k, k, true);
  });
  const header = new Memory(SOCK_FPROG.size);
  header.view.setUint16(SOCK_FPROG.at.len, program.length, true);
  writePointer(header.view, SOCK_FPROG.at.filter, code.address);
  const errno = setOptionMemory(fd, SOCKET.SOL_SOCKET, SOCKET.SO_ATTACH_FILTER, header);
  if (errno !== 0) throw new SyscallError({ call: "setsockopt", errno, tried: "attach a packet filter" });
}

/** The frames of one kind on one end of a cable, in the order of the kernel. */
class FrameLog<T> implements Disposable {
  protected readonly entries: T[] = [];
  readonly #capture: Capture;
  readonly #read: (frame: CapturedFrame) => T | null;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(node: Node, tests: readonly Test[], read: (frame: CapturedFrame) => T | null) {
    this.#read = read;
    this.#capture = inside(node.namespace, () => new Capture(node.ifindex));
    attachFilter(this.#capture.fd, filterProgram(tests));
    while (this.#capture.receive() !== null);
    this.#timer = setInterval(() => this.drain(), DRAIN_MS);
  }

  /** Takes what the kernel holds ready. */
  drain(): void {
    for (let f = this.#capture.receive(); f !== null; f = this.#capture.receive()) {
      const entry = this.#read(f);
      if (entry !== null) this.entries.push(entry);
    }
  }

  /** Waits until the frames so far satisfy `done`. Throws an Error that names `what` after `limitMs`. */
  async until(what: string, limitMs: number, done: (entries: T[]) => boolean): Promise<void> {
    const end = performance.now() + limitMs;
    for (;;) {
      this.drain();
      if (done(this.entries)) return;
      if (performance.now() > end) throw new Error(`${what} did not happen within ${limitMs} ms`);
      await Bun.sleep(POLL_MS);
    }
  }

  /** Throws when the kernel had no room for a frame: the figures would be wrong. */
  assertComplete(): void {
    const statistics = new Memory(8);
    const length = new Memory(4);
    length.view.setUint32(0, 8, true);
    getsockopt(
      this.#capture.fd,
      SOCKET.SOL_PACKET,
      PACKET_STATISTICS,
      pointer(statistics.address),
      pointer(length.address),
    );
    const lost = statistics.view.getUint32(4, true);
    if (lost > 0) throw new Error(`the capture lost ${lost} frames: this round counts for nothing`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#capture.close();
  }
}

/** The adverts on one end of a cable. */
export class Recorder extends FrameLog<SeenAdvert> {
  /** `direction` "outgoing": what the node itself sends, so that a flood towards it costs nothing here. */
  constructor(node: Node, direction: "both" | "outgoing") {
    const tests = [IS_IPV4, IS_VRRP, ...(direction === "outgoing" ? [IS_OUTGOING] : [])];
    super(node, tests, ({ frame, timeUs, outgoing }) => readAdvert(frame, timeUs, outgoing));
  }

  get adverts(): SeenAdvert[] {
    return this.entries;
  }

  /** Waits for `count` more adverts of one side. */
  async more(side: "own" | "other", count: number, limitMs: number): Promise<void> {
    this.drain();
    const from = this.adverts.length;
    const matches = (a: SeenAdvert) => a.outgoing === (side === "own");
    await this.until(
      `${count} adverts of the ${side === "own" ? "node itself" : "peer"}`,
      limitMs,
      (adverts) => adverts.slice(from).filter(matches).length >= count,
    );
  }
}

/** The gratuitous ARPs that a node sends. */
export class Announcements extends FrameLog<Announcement> {
  constructor(node: Node) {
    super(node, [IS_ARP, IS_OUTGOING], ({ frame, timeUs }) => readAnnouncement(frame, timeUs));
  }

  get seen(): Announcement[] {
    return this.entries;
  }
}
