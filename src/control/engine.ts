// The engine thread as the control thread sees it: started, woken, spoken to, waited for.
import { SIGNAL } from "../../native/constants.ts";
import { openEventfd, signalEventfd } from "../../native/eventfd.ts";
import { relaySignal } from "../../native/relay.ts";
import {
  type EngineStart,
  FLAG_BUSY,
  FLAG_STOP,
  FLAG_STOPPED,
  FLAGS,
  type FromEngine,
  type ToEngine,
} from "../messages.ts";
import { ENGINE_WORKER } from "../worker.ts";

/** How long an exit waits for the engine to withdraw its addresses. */
const WITHDRAW_LIMIT_MS = 3000;

/** What the engine does not need to be told by its owner. */
export type EngineOptions = Omit<EngineStart, "mail" | "wakeFd" | "stopFd" | "flags">;

/** The engine thread. */
export class EngineThread {
  readonly #mail: MessagePort;
  readonly #wakeFd = openEventfd();
  readonly #stopFd = openEventfd();
  readonly #flags = new Int32Array(new SharedArrayBuffer(4 * FLAGS));
  #gone = false;

  /** Starts the thread; handlers of SIGTERM and SIGINT must be there already. `onEnd` is called once, with a sentence when it ended by itself. */
  constructor(
    options: EngineOptions,
    onMessage: (message: FromEngine) => void,
    onEnd: (error: string | null) => void,
  ) {
    const { port1, port2 } = new MessageChannel();
    this.#mail = port1;
    const workerData: EngineStart = {
      ...options,
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
    let failure: string | null = null;
    worker.addEventListener("message", ({ data }: MessageEvent<FromEngine>) => {
      if (data.type === "failed") failure = data.error;
      onMessage(data);
      if (data.type !== "stopped") return;
      // Everything is withdrawn: the process need not wait until the thread has been taken apart.
      worker.unref();
      end();
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      failure ??= event.message;
    });
    const end = () => {
      if (this.#gone) return;
      this.#gone = true;
      port1.close();
      onEnd(failure);
    };
    worker.addEventListener("close", end);
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
    this.#mail.postMessage(message);
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
