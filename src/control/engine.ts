// The engine thread as the control thread sees it: started, woken, spoken to, waited for.
import { SIGNAL } from "../../native/constants.ts";
import { closeDescriptor } from "../../native/descriptor.ts";
import { openEventfd, signalEventfd } from "../../native/eventfd.ts";
import { relaySignal } from "../../native/relay.ts";
import {
  BEGIN,
  type EngineBeginning,
  type EngineStart,
  FLAG_BUSY,
  FLAG_STOP,
  FLAG_STOPPED,
  FLAG_TURN,
  FLAGS,
  type FromEngine,
  GLOBAL_COUNTER_SLOTS,
  LEAVE,
  type ToEngine,
} from "../messages.ts";
import { pack } from "../engine/packing.ts";
import { ENGINE_WORKER } from "../worker.ts";

/** How long an exit waits for the engine to withdraw its addresses. */
const WITHDRAW_LIMIT_MS = 3000;

/** What is known of a run before its configuration. */
export type EngineOptions = Pick<EngineStart, "keep" | "releaseForeign" | "watchAddresses">;

/** Who hears the engine. */
export interface EngineListener {
  hear(message: FromEngine): void;
  /** Called once, with a sentence when the thread ended by itself. */
  ended(error: string | null): void;
}

/** The engine thread. */
export class EngineThread {
  /** Of the whole engine: GLOBAL_COUNTERS, then REFUSALS. */
  readonly globalCounters = new SharedArrayBuffer(GLOBAL_COUNTER_SLOTS * 8);
  readonly #options: EngineOptions;
  readonly #worker: Worker;
  readonly #mail: MessagePort;
  readonly #wakeFd = openEventfd();
  readonly #stopFd = openEventfd();
  readonly #flags = new Int32Array(new SharedArrayBuffer(4 * FLAGS));
  #listener: EngineListener | null = null;
  #failure: string | null = null;
  #gone = false;

  /**
   * Starts the thread in the network namespace that this one is in. It makes itself ready and waits for `begin`, which
   * takes as long as to read a configuration: so it is to be made before that. Without `begin` it keeps no process alive.
   */
  constructor(options: EngineOptions) {
    this.#options = options;
    const { port1, port2 } = new MessageChannel();
    this.#mail = port1;
    const workerData: EngineStart = {
      ...options,
      globalCounters: this.globalCounters,
      mail: port2,
      wakeFd: this.#wakeFd,
      stopFd: this.#stopFd,
      flags: this.#flags.buffer as SharedArrayBuffer,
    };
    // Not the Worker of node:worker_threads: that one brings Node's streams along, 1.5 MB. Bun's own takes the same
    // workerData, which its types do not say.
    const settings: WorkerOptions & { workerData: EngineStart; transferList: MessagePort[] } = {
      workerData,
      transferList: [port2],
    };
    const worker = new Worker(ENGINE_WORKER.href, settings);
    this.#worker = worker;
    worker.unref();
    worker.addEventListener("message", ({ data }: MessageEvent<FromEngine>) => {
      if (data.type === "failed") this.#failure = data.error;
      this.#listener?.hear(data);
      if (data.type !== "stopped") return;
      // Everything is withdrawn: the process need not wait until the thread has been taken apart.
      worker.unref();
      this.#end();
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#failure ??= event.message;
    });
    worker.addEventListener("close", () => this.#end());
  }

  /** Another thread like this one, in the network namespace that this thread is in now; this one is not used any more. */
  anew(): EngineThread {
    this.#turn(LEAVE);
    return new EngineThread(this.#options);
  }

  /** Has the engine begin; handlers of SIGTERM and SIGINT must be there already. */
  begin(beginning: EngineBeginning, listener: EngineListener): void {
    this.#listener = listener;
    // Why it is not there can be told to nobody before.
    if (this.#gone) return queueMicrotask(() => listener.ended(this.#failure));
    this.#worker.ref();
    this.#mail.postMessage(beginning);
    this.#turn(BEGIN);
    // Priority 0 does not wait for this thread, which may be busy. Its own handlers still run, and say why.
    for (const signal of [SIGNAL.SIGTERM, SIGNAL.SIGINT]) relaySignal(signal, this.#stopFd);
  }

  #turn(turn: number): void {
    Atomics.store(this.#flags, FLAG_TURN, turn);
    Atomics.notify(this.#flags, FLAG_TURN);
  }

  #end(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#mail.close();
    if (this.#listener !== null) return this.#listener.ended(this.#failure);
    // It has never begun: no signal is relayed to it.
    closeDescriptor(this.#wakeFd);
    closeDescriptor(this.#stopFd);
  }

  /** Whether the thread has ended. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Sends a message and wakes the engine. */
  send(message: ToEngine): void {
    if (this.#gone) return;
    this.#mail.postMessage(pack(message));
    signalEventfd(this.#wakeFd);
  }

  /** Whether VMACs are being deleted: what the engine can put off it need not wait for then. */
  set busy(busy: boolean) {
    Atomics.store(this.#flags, FLAG_BUSY, busy ? 1 : 0);
  }

  /** Wakes the engine without a message: it counts the wake-up and sleeps again. */
  wake(): void {
    if (!this.#gone) signalEventfd(this.#wakeFd);
  }

  /**
   * Ends the engine at once, for the exit of the process: priority 0, everything withdrawn, nobody waited for.
   * Blocks until that is done, 3 s at most. Does nothing when the engine has already withdrawn.
   */
  withdrawNow(): void {
    if (this.#gone || Atomics.load(this.#flags, FLAG_STOPPED) === 1) return;
    Atomics.store(this.#flags, FLAG_STOP, 1);
    signalEventfd(this.#wakeFd);
    Atomics.wait(this.#flags, FLAG_STOPPED, 0, WITHDRAW_LIMIT_MS);
  }
}
