// The wire between the machines: an Ethernet hub in the test, which so hears everything and can speak itself.
//
// Each machine's network card is connected to a UNIX socket (`-netdev stream` of QEMU): every frame has its length
// before it, 4 bytes, big-endian.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { decode, type Frame } from "../support/packet.ts";
import { within } from "../support/until.ts";
import type { Filter } from "../support/wire.ts";
import { WAIT_MS } from "./limits.ts";

/** Where a frame came from, beside what it says. */
export interface Origin {
  /** The machine, or `test`. */
  machine: string;
  /** The VLAN of its tag (IEEE 802.1Q); what stands behind the tag is decoded. */
  vlan: number | null;
}

export type Seen = Frame & Origin;

interface Waiter {
  from: number;
  /** Takes the frame if it is the one. */
  offer(frame: Seen): void;
}

/** EtherType of an 802.1Q tag. */
const TAGGED = 0x8100;

export class Segment {
  /** Everything that was on the wire, in order. */
  readonly frames: Seen[] = [];
  readonly #folder: string;
  readonly #ports = new Map<string, Port>();
  readonly #waiters = new Set<Waiter>();

  /** `folder` is for the sockets; it need not exist. */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** The path of the socket to which a machine's card is connected. */
  plug(machine: string): string {
    const port = this.#ports.get(machine) ??
      new Port(join(this.#folder, machine), (frame) => this.#take(machine, frame));
    this.#ports.set(machine, port);
    return port.path;
  }

  /** Sends a frame to every machine. */
  send(frame: Uint8Array): void {
    this.#take("test", frame);
  }

  /** A place on the wire, for `next` and `since`. */
  mark(): number {
    return this.frames.length;
  }

  /** The first frame from `from` on that matches, as soon as it is there. */
  next<F extends Frame>(filter: Filter<F>, from = 0): Promise<Seen & F> {
    const matches = (frame: Seen): frame is Seen & F => filter.matches(frame);
    const present = this.frames.slice(from).find(matches);
    if (present !== undefined) return Promise.resolve(present);
    const { promise, resolve } = Promise.withResolvers<Seen & F>();
    const waiter: Waiter = {
      from,
      offer: (frame) => {
        if (matches(frame)) resolve(frame);
      },
    };
    this.#waiters.add(waiter);
    return within(promise, () => `no ${filter.title} on the wire; seen:\n${this.#summary(from)}`, WAIT_MS)
      .finally(() => this.#waiters.delete(waiter));
  }

  /** Every matching frame from `from` on, so far. */
  since<F extends Frame>(filter: Filter<F>, from = 0): (Seen & F)[] {
    return this.frames.slice(from).filter((frame): frame is Seen & F => filter.matches(frame));
  }

  close(): void {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }

  #take(machine: string, bytes: Uint8Array): void {
    for (const [name, port] of this.#ports) if (name !== machine) port.send(bytes);
    const seen: Seen = { ...decodeTagged(bytes), machine };
    const index = this.frames.push(seen) - 1;
    for (const waiter of this.#waiters) if (index >= waiter.from) waiter.offer(seen);
  }

  #summary(from: number): string {
    return this.frames.slice(from).slice(-60).map((f) => {
      const { bytes: _bytes, timeUs: _time, ...rest } = f;
      return JSON.stringify(rest);
    }).join("\n");
  }
}

function decodeTagged(bytes: Uint8Array): Frame & { vlan: number | null } {
  const timeUs = Math.round(performance.now() * 1000);
  const type = (bytes[12]! << 8) | bytes[13]!;
  if (type !== TAGGED) return { ...decode(timeUs, bytes), vlan: null };
  const vlan = ((bytes[14]! & 15) << 8) | bytes[15]!;
  return { ...decode(timeUs, new Uint8Array([...bytes.subarray(0, 12), ...bytes.subarray(16)])), vlan };
}

/** One connection of the hub. A machine that starts again connects anew. */
class Port {
  readonly path: string;
  readonly #server: Bun.UnixSocketListener<undefined>;
  #socket: Bun.Socket<undefined> | null = null;
  /** What has come of a frame that is not complete yet. */
  #incoming: Uint8Array = new Uint8Array();
  /** What the socket did not take yet. */
  #outgoing: Uint8Array = new Uint8Array();

  constructor(path: string, take: (frame: Uint8Array) => void) {
    this.path = path;
    this.#server = Bun.listen<undefined>({
      unix: path,
      socket: {
        open: (socket) => {
          this.#socket = socket;
          this.#incoming = this.#outgoing = new Uint8Array();
        },
        data: (socket, data) => {
          if (socket === this.#socket) this.#receive(data, take);
        },
        drain: () => this.#flush(),
        close: (socket) => {
          if (socket === this.#socket) this.#socket = null;
        },
      },
    });
  }

  send(frame: Uint8Array): void {
    if (this.#socket === null) return;
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, frame.length);
    this.#outgoing = joined(this.#outgoing, joined(length, frame));
    this.#flush();
  }

  close(): void {
    this.#socket?.end();
    this.#server.stop(true);
  }

  #receive(data: Uint8Array, take: (frame: Uint8Array) => void): void {
    this.#incoming = joined(this.#incoming, data);
    for (;;) {
      const all = this.#incoming;
      if (all.length < 4) return;
      const length = new DataView(all.buffer, all.byteOffset).getUint32(0);
      if (all.length < 4 + length) return;
      this.#incoming = all.slice(4 + length);
      take(all.slice(4, 4 + length));
    }
  }

  #flush(): void {
    if (this.#socket === null || this.#outgoing.length === 0) return;
    const written = this.#socket.write(this.#outgoing);
    this.#outgoing = this.#outgoing.slice(Math.max(written, 0));
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
