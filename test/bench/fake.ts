// A tiny router that is wrong on purpose: the bench must name its fault. Only as right as the self-test needs.
import { readFileSync } from "node:fs";
import { monotonicUs } from "../../native/clock.ts";
import { SOCKET } from "../../native/constants.ts";
import { GARP_BYTES, writeGratuitousArp } from "../../native/frames.ts";
import { SOCKADDR_LL } from "../../native/layout.ts";
import { Memory } from "../../native/memory.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import { setRealtime } from "../../native/schedule.ts";
import { joinGroup, openFrameSocket, openReceiver, ReceiveBatch, SendBatch } from "../../native/socket.ts";
import { changeAddress, INTERFACE, ipv4, VIP } from "./lab.ts";
import { masterDownUs, skewUs } from "./configuration.ts";
import { advertFrame } from "./packets.ts";

/** What a fake does wrong; "none": nothing. */
export const FAULTS = [
  "none",
  "late",
  "drift",
  "skip",
  "mute",
  "drop",
  "slow",
  "fat",
  "deaf",
  "choke",
] as const;
export type Fault = (typeof FAULTS)[number];

/** How wrong: far beyond what a right one shows on a bad machine. */
export const LATE_US = 50_000;
export const DRIFT_US = 2000;
/** Adverts left out in a row, and the period of that. */
const SKIPPED = 5;
const SKIP_EVERY = 30;
export const SLOW_MS = 800;
export const FAT_MIB = 200;
/** What each received packet costs the one that chokes. */
const CHOKE_US = 100;
/** The last stretch before a deadline is spun away: the event loop's timers are too coarse. */
const SPIN_US = 2500;
const OWNER = 255;

interface Settings {
  version: 2 | 3;
  vrid: number;
  priority: number;
  intervalUs: number;
}

function readSettings(file: string): Settings {
  const text = readFileSync(file, "utf8");
  const number = (word: string) => Number(new RegExp(`\\b${word} ([0-9.]+)`).exec(text)?.[1]);
  return {
    version: number("version") === 2 ? 2 : 3,
    vrid: number("virtual_router_id"),
    priority: number("priority"),
    intervalUs: number("advert_int") * 1_000_000,
  };
}

/** The link: sends whole frames, hears adverts, holds the address. */
class Link {
  readonly #client = new RouteClient();
  readonly #ifindex: number;
  readonly #mac: Uint8Array;
  readonly #source: Uint8Array;
  readonly #fd = openFrameSocket();
  readonly #batch = new SendBatch(1);
  readonly #name = new Memory(SOCKADDR_LL.size);
  readonly #memory = new Memory(256);
  readonly #receiver: number;
  readonly #received = new ReceiveBatch(1, 256);

  constructor() {
    const link = this.#client.links().find((l) => l.name === INTERFACE)!;
    this.#ifindex = link.ifindex;
    this.#mac = link.mac;
    this.#source = this.#client.addresses().find((a) => a.ifindex === link.ifindex)!.address;
    this.#name.view.setUint16(SOCKADDR_LL.at.sll_family, SOCKET.AF_PACKET, true);
    this.#name.view.setInt32(SOCKADDR_LL.at.sll_ifindex, link.ifindex, true);
    this.#receiver = openReceiver({
      family: "ipv4",
      protocol: 112,
      ifindex: link.ifindex,
      bufferBytes: 1 << 18,
    });
    joinGroup(this.#receiver, "ipv4", ipv4("224.0.0.18"), link.ifindex);
  }

  advertise(settings: Settings, priority: number): void {
    const frame = advertFrame({
      ...settings,
      priority,
      sourceMac: this.#mac,
      source: this.#source,
      addresses: [ipv4(VIP)],
    });
    this.#send(frame);
  }

  hold(wanted: boolean): void {
    changeAddress(this.#client, this.#ifindex, VIP, wanted ? "add" : "delete");
    if (!wanted) return;
    const frame = new Uint8Array(GARP_BYTES);
    writeGratuitousArp(frame, 0, this.#mac, ipv4(VIP));
    this.#send(frame);
  }

  #send(frame: Uint8Array): void {
    this.#memory.bytes.set(frame);
    this.#batch.push(this.#memory.address, frame.length, this.#name.address, SOCKADDR_LL.size, 0, 0);
    this.#batch.flush(this.#fd);
  }

  /** Priority of the next advert that waits, -1 for none. */
  hear(): number {
    if (this.#received.receive(this.#receiver) <= 0) return -1;
    const at = this.#received.start(0);
    const bytes = this.#received.memory.bytes;
    return bytes[at + (bytes[at]! & 15) * 4 + 2] ?? -1;
  }
}

let stopping = false;
process.on("SIGTERM", () => {
  stopping = true;
});

/** Waits until `dueUs`, or until `done` says so, looking in between. */
async function waitUntil(dueUs: () => number, done: () => boolean): Promise<void> {
  while (!done()) {
    const leftUs = dueUs() - monotonicUs();
    if (leftUs <= 0) return;
    if (leftUs > SPIN_US) await Bun.sleep(1);
  }
}

/** Until it stops or has not heard from the master in time. */
async function backup(link: Link, settings: Settings, fault: Fault): Promise<void> {
  const { version, priority, intervalUs } = settings;
  const lateUs = fault === "late" ? LATE_US : 0;
  let dueUs = monotonicUs() + masterDownUs(version, priority, intervalUs) + lateUs;
  process.stdout.write("Entering BACKUP STATE\n");
  await waitUntil(() => dueUs, () => {
    for (let heard = link.hear(); heard >= 0; heard = link.hear()) {
      // A deaf one does not see what it should wait for.
      if (fault === "deaf") continue;
      dueUs = monotonicUs() + lateUs +
        (heard === 0 ? skewUs(version, priority, intervalUs) : masterDownUs(version, priority, intervalUs));
    }
    return stopping;
  });
}

/** Until it stops or hears a better one. */
async function master(link: Link, settings: Settings, fault: Fault): Promise<void> {
  const { intervalUs, priority } = settings;
  let dueUs = monotonicUs();
  let outranked = false;
  const look = () => {
    for (let heard = link.hear(); heard >= 0 && !outranked; heard = link.hear()) {
      if (fault === "choke") { for (const endUs = monotonicUs() + CHOKE_US; monotonicUs() < endUs;); }
      // Whoever floods it claims priority 254: the owner stays.
      if (heard > priority) outranked = true;
    }
    return stopping || outranked;
  };
  for (let n = 0; !stopping && !outranked; n++) {
    if (fault !== "skip" || n % SKIP_EVERY < SKIP_EVERY - SKIPPED) link.advertise(settings, priority);
    if (n === 0) link.hold(true);
    dueUs = fault === "drift" ? monotonicUs() + intervalUs + DRIFT_US : dueUs + intervalUs;
    await waitUntil(() => dueUs, look);
  }
  if (!stopping) link.hold(false);
}

async function resign(link: Link, settings: Settings, fault: Fault): Promise<void> {
  if (fault === "late") await Bun.sleep(LATE_US / 1000);
  if (fault === "drop") link.hold(false);
  if (fault !== "mute") link.advertise(settings, 0);
  // The address answers until the successor must have come.
  if (fault !== "drop") await Bun.sleep((settings.intervalUs * 2) / 1000);
  link.hold(false);
}

async function main(): Promise<void> {
  const [file = "", fault = "none"] = process.argv.slice(2) as [string, Fault];
  const settings = readSettings(file);
  // Only its fault may make it late, not what else runs on the machine; a choking one would take the processor.
  if (fault !== "choke") setRealtime(10);
  if (fault === "slow") await Bun.sleep(SLOW_MS);
  const ballast = fault === "fat" ? new Uint8Array(FAT_MIB << 20).fill(1) : null;
  const link = new Link();
  while (!stopping) {
    if (settings.priority < OWNER) await backup(link, settings, fault);
    if (!stopping) await master(link, settings, fault);
  }
  await resign(link, settings, fault);
  process.exit(ballast?.length === 0 ? 1 : 0);
}

if (import.meta.main) await main();
