// The engine thread as the control thread sees it: started, woken, spoken to, waited for.
import { Worker } from "node:worker_threads";
import { SIGNAL } from "../../native/constants.ts";
import { openEventfd, signalEventfd } from "../../native/eventfd.ts";
import { relaySignal } from "../../native/relay.ts";
import type { EngineStart, FromEngine, ToEngine } from "../messages.ts";
import { ENGINE_WORKER } from "../worker.ts";

/** How long an exit waits for the engine to withdraw its addresses. */
const WITHDRAW_LIMIT_MS = 3000;
const FLAG_STOP = 0;
const FLAG_STOPPED = 1;

/** What the engine does not need to be told by its owner. */
export type EngineOptions = Omit<EngineStart, "wakeFd" | "stopFd" | "flags">;

/** The engine thread. */
export class EngineThread {
  readonly #worker: Worker;
  readonly #wakeFd = openEventfd();
  readonly #stopFd = openEventfd();
  readonly #flags = new Int32Array(new SharedArrayBuffer(8));
  #gone = false;

  /** Starts the thread; handlers of SIGTERM and SIGINT must be there already. `onEnd` is called once, with a sentence when it ended by itself. */
  constructor(
    options: EngineOptions,
    onMessage: (message: FromEngine) => void,
    onEnd: (error: string | null) => void,
  ) {
    const workerData: EngineStart = {
      ...options,
      wakeFd: this.#wakeFd,
      stopFd: this.#stopFd,
      flags: this.#flags.buffer as SharedArrayBuffer,
    };
    this.#worker = new Worker(ENGINE_WORKER, { workerData });
    let failure: string | null = null;
    this.#worker.on("message", (message: FromEngine) => {
      if (message.type === "failed") failure = message.error;
      onMessage(message);
    });
    this.#worker.on("error", (error) => failure = error instanceof Error ? error.message : String(error));
    this.#worker.on("exit", () => {
      this.#gone = true;
      onEnd(failure);
    });
    // Priority 0 does not wait for this thread, which may be busy. Its own handlers still run, and say why.
    for (const signal of [SIGNAL.SIGTERM, SIGNAL.SIGINT]) relaySignal(signal, this.#stopFd);
  }

  /** Whether the thread has ended. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Sends a message and wakes the engine. */
  send(message: ToEngine): void {
    if (this.#gone) return;
    this.#worker.postMessage(message);
    signalEventfd(this.#wakeFd);
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
