// A thread that stamps the addresses which appear in a namespace, as the kernel's netlink events arrive.
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { realtimeUs } from "../../native/clock.ts";
import { NETLINK, RTNETLINK, SOCKET } from "../../native/constants.ts";
import { closeDescriptor, waitReadable } from "../../native/descriptor.ts";
import { enterNamespace } from "../../native/namespace.ts";
import { decodeAddress } from "../../native/netlink/address.ts";
import { messageType } from "../../native/netlink/message.ts";
import { openRouteSocket } from "../../native/netlink/socket.ts";
import { requireOption, setReceiveBuffer } from "../../native/option.ts";
import { setRealtime } from "../../native/schedule.ts";
import { ReceiveBatch } from "../../native/receive.ts";

interface Spec {
  namespace: number;
  /** It ends when so many addresses have appeared. */
  count: number;
  limitMs: number;
}

/** What it saw: times in CLOCK_REALTIME microseconds, up to half a millisecond after the kernel. */
export interface Appeared {
  addresses: number;
  lastUs: number;
}

/** Waits for addresses in a namespace. It runs beside the bench's own loop, which may be busy. */
export class AddressWatcher implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #appeared: Promise<Appeared>;

  private constructor(worker: Worker, appeared: Promise<Appeared>) {
    this.#worker = worker;
    this.#appeared = appeared;
  }

  /** Resolves when it listens. */
  static async on(namespace: number, count: number, limitMs: number): Promise<AddressWatcher> {
    const worker = new Worker(import.meta.path, { workerData: { namespace, count, limitMs } satisfies Spec });
    const ready = Promise.withResolvers<void>();
    const appeared = Promise.withResolvers<Appeared>();
    worker.on("message", (message: "ready" | Appeared) => {
      if (message === "ready") ready.resolve();
      else appeared.resolve(message);
    });
    worker.on("error", (error) => {
      ready.reject(error);
      appeared.reject(error);
    });
    appeared.promise.catch(() => {}); // nobody may be waiting yet
    await ready.promise;
    return new AddressWatcher(worker, appeared.promise);
  }

  /** What has appeared, once all are there or the time is over. */
  get appeared(): Promise<Appeared> {
    return this.#appeared;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

/** A thread that blocks without end could not be stopped. */
const SLICE_MS = 100;
/** Events are read once in so long, and so a stamp is late by up to that: a wake-up for each would slow the daemon. */
const STEP_MS = 0.5;
const REALTIME_PRIORITY = 60;
const SLOTS = 64;
const BUFFER_BYTES = 64 * 1024 * 1024;

/** Listens to the addresses of the calling thread's namespace. Throws SyscallError. */
function listen(): number {
  const { fd } = openRouteSocket();
  setReceiveBuffer(fd, BUFFER_BYTES);
  for (const group of [RTNETLINK.RTNLGRP_IPV4_IFADDR, RTNETLINK.RTNLGRP_IPV6_IFADDR]) {
    requireOption(fd, SOCKET.SOL_NETLINK, NETLINK.NETLINK_ADD_MEMBERSHIP, group, "listen to addresses");
  }
  return fd;
}

function watch({ namespace, count, limitMs }: Spec): void {
  enterNamespace(namespace);
  // A daemon that runs in real time must not delay what is known about it.
  setRealtime(REALTIME_PRIORITY);
  const fd = listen();
  const batch = new ReceiveBatch(SLOTS, 4096);
  const clock = new Int32Array(new SharedArrayBuffer(4));
  const seen = new Set<string>();
  // Reading keeps pace with the kernel only if it does nothing else: what was read is decoded later.
  let waiting: { timeUs: number; message: Uint8Array }[] = [];
  let lastUs = NaN;
  const decode = () => {
    for (const { timeUs, message } of waiting) {
      const type = messageType(new DataView(message.buffer), 0);
      const info = type === RTNETLINK.RTM_NEWADDR ? decodeAddress(message, 0, message.length) : null;
      if (info === null || seen.has(info.address.toHex())) continue;
      seen.add(info.address.toHex());
      lastUs = timeUs;
    }
    waiting = [];
  };
  parentPort!.postMessage("ready");
  const end = performance.now() + limitMs;
  while (seen.size < count && performance.now() < end) {
    if (!waitReadable(fd, SLICE_MS)) continue;
    Atomics.wait(clock, 0, 0, STEP_MS);
    for (let n = batch.receive(fd); n !== 0; n = batch.receive(fd)) {
      if (n < 0) throw new Error("the kernel dropped netlink events: this round counts for nothing");
      const timeUs = realtimeUs();
      for (let i = 0; i < n; i++) {
        const from = batch.start(i);
        waiting.push({ timeUs, message: batch.memory.bytes.slice(from, from + batch.length(i)) });
      }
    }
    if (seen.size + waiting.length >= count) decode();
  }
  closeDescriptor(fd);
  parentPort!.postMessage({ addresses: seen.size, lastUs } satisfies Appeared);
}

if (!isMainThread) watch(workerData as Spec);
