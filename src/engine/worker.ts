// The engine thread's entry: made ready while the configuration is read, then the loop until the end.
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { setTimerSlack, shortenTurns } from "../../native/schedule.ts";
import {
  BEGIN,
  type EngineBeginning,
  type EngineStart,
  FLAG_TURN,
  type FromEngine,
  type ToEngine,
} from "../messages.ts";
import { type PackedMessage, unpack } from "./packing.ts";
import { Engine } from "./engine.ts";

/** Longer than a process needs to end; after that the thread goes by itself. */
const PARKED_MS = 30_000;

/** The runtime gives free memory back when its own loop has slept for some milliseconds; for 1 or 2 it does not. */
const REST_MS = 5;

const start = workerData as EngineStart;
const post = (message: FromEngine): void => postMessage(message);

const take = (): unknown => receiveMessageOnPort(start.mail)?.message;

try {
  const engine = new Engine(start, { post, take: takeOrder });
  const flags = new Int32Array(start.flags);
  Atomics.wait(flags, FLAG_TURN, 0);
  if (Atomics.load(flags, FLAG_TURN) === BEGIN) await perform(engine, take() as EngineBeginning);
  else engine.leave();
} catch (error) {
  post({ type: "failed", error: error instanceof Error ? error.message : String(error) });
}
// The port would keep the thread alive.
start.mail.close();

function takeOrder(): ToEngine | undefined {
  const message = take() as PackedMessage | undefined;
  return message === undefined ? undefined : unpack(message);
}

async function perform(engine: Engine, beginning: EngineBeginning): Promise<void> {
  shortenTurns();
  const notes = [...engine.begin(beginning), setTimerSlack(1)].filter((note) => note !== null);
  post({ type: "ready", notes });
  engine.run();
  while (engine.resting) {
    // Not Bun.shrink(): the compiled code would go as well, 0.9 MiB, and what it has learnt of itself. Adverts and
    // takeovers of the first minutes took half as long again.
    Bun.gc(true);
    await Bun.sleep(REST_MS);
    engine.run();
  }
  post({ type: "stopped" });
  // The process ends now. A thread that ended first would free its heap page by page, some 5 ms of two processors.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PARKED_MS);
}
