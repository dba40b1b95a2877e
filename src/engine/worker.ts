// The engine thread's entry: real time where allowed, then the loop until the end.
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { setRealtime, setTimerSlack } from "../../native/schedule.ts";
import type { EngineStart, FromEngine, ToEngine } from "../messages.ts";
import { Engine } from "./engine.ts";

/** Longer than a process needs to end; after that the thread goes by itself. */
const PARKED_MS = 30_000;

/** The runtime shrinks as soon as its own loop goes round; what sleeps meanwhile wakes up at its end. */
const TURN_MS = 1;
/** It gives free memory back when that loop has slept for some milliseconds; for 1 or 2 it does not. */
const REST_MS = 5;

const start = workerData as EngineStart;
const post = (message: FromEngine): void => postMessage(message);

try {
  const engine = new Engine(start, {
    post,
    take: () => receiveMessageOnPort(start.mail)?.message as ToEngine | undefined,
  });
  // Real time from here on: what comes before, the rehearsal above all, must not keep other masters waiting.
  const notes = [
    ...engine.tune(start.tuning),
    start.realtimePriority > 0 ? setRealtime(start.realtimePriority) : null,
    setTimerSlack(1),
  ].filter((note) => note !== null);
  post({ type: "ready", notes });
  engine.run();
  while (engine.resting) {
    // Compiled code goes with the garbage: most of it was the start's, and the rehearsal brings back what is needed.
    Bun.shrink();
    await Bun.sleep(TURN_MS);
    await Bun.sleep(REST_MS);
    engine.run();
  }
  post({ type: "stopped" });
  // The process ends now. A thread that ended first would free its heap page by page, some 5 ms of two processors.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PARKED_MS);
} catch (error) {
  post({ type: "failed", error: error instanceof Error ? error.message : String(error) });
}
// The port would keep the thread alive.
start.mail.close();
