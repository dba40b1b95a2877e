// A tiny router that is wrong on purpose: the bench must name its fault. Only as right as the self-test needs.
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { monotonicUs } from "../../native/clock.ts";
import { SOCKET } from "../../native/constants.ts";
import { GARP_BYTES, writeGratuitousArp } from "../../native/frames.ts";
import { SOCKADDR_LL } from "../../native/layout.ts";
import { Memory } from "../../native/memory.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import { setRealtime } from "../../native/schedule.ts";
import { joinGroup, openFrameSocket, openReceiver, ReceiveBatch, SendBatch } from "../../native/socket.ts";
import { changeAddress, ipv4 } from "./lab.ts";
import { masterDownUs, skewUs } from "./configuration.ts";
import { advertFrame } from "./packets.ts";
import { type Instance, readSettings, type Settings } from "./settings.ts";

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
  "linger",
  "leave",
  "stall",
  "ordinary",
  "sociable",
  "burn",
  "square",
  "few",
  "half",
  "wait",
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
/** How long it outlives its stop. */
export const LINGER_MS = 2000;
/** What each address costs the one that stalls. */
const STALL_US = 1000;
/** What each request costs the one that serves them in the thread of its adverts. */
const SOCIABLE_US = 100;
/** What each advert costs the one that burns; and for each instance there is, the one that grows with the square. */
export const BURN_US = 400;
const SQUARE_US = 0.8;
/** With more instances than this, the owner of one fault serves none; that of another sends every other advert. */
export const FEW = 20;
/** The daemons read so many addresses as advertised. */
const ADVERTISED = 20;
/** The last stretch before a deadline is spun away: the event loop's timers are too coarse. */
const SPIN_US = 2500;
const OWNER = 255;

function spin(us: number): void {
  for (const endUs = monotonicUs() + us; monotonicUs() < endUs;);
}

/** A link: sends whole frames, hears adverts, holds addresses. */
class Link {
  readonly #client = new RouteClient();
  readonly #ifindex: number;
  readonly #mac: Uint8Array;
  readonly #source: Uint8Array;
  readonly #fd = openFrameSocket();
  readonly #batch = new SendBatch(1);
  readonly #name = new Memory(SOCKADDR_LL.size);
  readonly #memory = new Memory(2048);
  readonly #receiver: number;
  readonly #received = new ReceiveBatch(1, 2048);

  constructor(name: string) {
    const link = this.#client.links().find((l) => l.name === name)!;
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

  advertise({ version, intervalUs }: Settings, { vrid, addresses }: Instance, priority: number): void {
    this.#send(advertFrame({
      version,
      vrid,
      intervalUs,
      priority,
      sourceMac: this.#mac,
      source: this.#source,
      addresses: addresses.slice(0, ADVERTISED).map(ipv4),
    }));
  }

  hold(address: string, wanted: boolean): void {
    changeAddress(this.#client, this.#ifindex, address, wanted ? "add" : "delete");
    if (!wanted) return;
    const frame = new Uint8Array(GARP_BYTES);
    writeGratuitousArp(frame, 0, this.#mac, ipv4(address));
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

/** All instances of the router on their links. */
class Instances {
  settings: Settings;
  readonly #file: string;
  readonly #fault: Fault;
  readonly #links = new Map<string, Link>();

  constructor(file: string, fault: Fault) {
    this.#file = file;
    this.#fault = fault;
    this.settings = readSettings(file);
    for (const { interface: name } of this.settings.instances) {
      if (!this.#links.has(name)) this.#links.set(name, new Link(name));
    }
  }

  advertise(priority: number): void {
    const { instances } = this.settings;
    if (this.#fault === "few" && instances.length > FEW && priority === OWNER) return;
    for (const instance of instances) {
      this.#links.get(instance.interface)!.advertise(this.settings, instance, priority);
      if (this.#fault === "burn") spin(BURN_US);
      if (this.#fault === "square") spin(SQUARE_US * instances.length);
    }
  }

  hold(wanted: boolean): void {
    for (const { interface: name, addresses } of this.settings.instances) {
      for (const address of addresses) {
        if (this.#fault === "stall") spin(STALL_US);
        this.#links.get(name)!.hold(address, wanted);
      }
    }
  }

  reload(): void {
    this.settings = readSettings(this.#file);
    this.hold(true);
  }

  /** Priority of the next advert that waits, -1 for none. */
  hear(): number {
    for (const link of this.#links.values()) {
      const heard = link.hear();
      if (heard >= 0) return heard;
    }
    return -1;
  }

  say(state: string): void {
    process.stdout.write(`Entering ${state} STATE\n`.repeat(this.settings.instances.length));
  }
}

let stopping = false;
let reloading = false;
process.on("SIGTERM", () => {
  stopping = true;
});
process.on("SIGHUP", () => {
  reloading = true;
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
async function backup(all: Instances, fault: Fault): Promise<void> {
  const { version, priority, intervalUs } = all.settings;
  const lateUs = fault === "late" ? LATE_US : 0;
  let dueUs = monotonicUs() + masterDownUs(version, priority, intervalUs) + lateUs;
  all.say("BACKUP");
  await waitUntil(() => dueUs, () => {
    for (let heard = all.hear(); heard >= 0; heard = all.hear()) {
      // A deaf one does not see what it should wait for.
      if (fault === "deaf") continue;
      dueUs = monotonicUs() + lateUs +
        (heard === 0 ? skewUs(version, priority, intervalUs) : masterDownUs(version, priority, intervalUs));
    }
    return stopping;
  });
}

/** Whether a master leaves out its n-th advert. */
function leavesOut(fault: Fault, n: number, instances: number): boolean {
  if (fault === "skip") return n % SKIP_EVERY >= SKIP_EVERY - SKIPPED;
  return fault === "half" && instances > FEW && n % 2 === 1;
}

/** Until it stops or hears a better one. */
async function master(all: Instances, fault: Fault): Promise<void> {
  const { intervalUs, priority } = all.settings;
  let dueUs = monotonicUs();
  let outranked = false;
  const look = () => {
    if (reloading) all.reload();
    reloading = false;
    for (let heard = all.hear(); heard >= 0 && !outranked; heard = all.hear()) {
      if (fault === "choke") spin(CHOKE_US);
      // Whoever floods it claims priority 254: the owner stays.
      if (heard > priority) outranked = true;
    }
    return stopping || outranked;
  };
  for (let n = 0; !stopping && !outranked; n++) {
    if (!leavesOut(fault, n, all.settings.instances.length)) all.advertise(priority);
    // One that waits for the kernel with each advert.
    if (n === 0 || fault === "wait") all.hold(true);
    if (n === 0) all.say("MASTER");
    dueUs = fault === "drift" ? monotonicUs() + intervalUs + DRIFT_US : dueUs + intervalUs;
    await waitUntil(() => dueUs, look);
  }
  if (!stopping) all.hold(false);
}

async function resign(all: Instances, fault: Fault): Promise<void> {
  if (fault === "late") await Bun.sleep(LATE_US / 1000);
  if (fault === "drop") all.hold(false);
  if (fault !== "mute") all.advertise(0);
  // The address answers until the successor must have come.
  if (fault !== "drop") await Bun.sleep((all.settings.intervalUs * 2) / 1000);
  if (fault !== "leave") all.hold(false);
  if (fault === "linger") await Bun.sleep(LINGER_MS);
}

function serve(unix: string, costUs: number): void {
  Bun.serve({
    unix,
    fetch() {
      spin(costUs);
      return new Response("well\n");
    },
  });
}

/** Its HTTP endpoint has a thread of its own, unless that is its fault. */
function serveStatus(unix: string, fault: Fault): void {
  if (fault === "sociable") serve(unix, SOCIABLE_US);
  else new Worker(import.meta.path, { workerData: unix });
}

async function main(): Promise<void> {
  const [command = "", file = "", fault = "none", socket] = process.argv.slice(2) as [
    "run" | "check",
    string,
    Fault,
    string?,
  ];
  if (fault === "slow") await Bun.sleep(SLOW_MS);
  if (command === "check") process.exit(readSettings(file).instances.length > 0 ? 0 : 1);
  // Only its fault may make it late, not what else runs on the machine; a choking one would take the processor.
  if (fault !== "choke" && fault !== "ordinary") setRealtime(10);
  const ballast = fault === "fat" ? new Uint8Array(FAT_MIB << 20).fill(1) : null;
  const all = new Instances(file, fault);
  if (socket !== undefined) serveStatus(socket, fault);
  while (!stopping) {
    if (all.settings.priority < OWNER) await backup(all, fault);
    if (!stopping) await master(all, fault);
  }
  await resign(all, fault);
  process.exit(ballast?.length === 0 ? 1 : 0);
}

if (!isMainThread) serve(workerData as string, 0);
else if (import.meta.main) await main();
