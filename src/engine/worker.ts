// The engine thread's entry: real time and memory locking where allowed, then the loop until the end.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { lockMemory, setRealtime, setTimerSlack } from "../../native/schedule.ts";
import type { EngineStart, FromEngine, ToEngine } from "../messages.ts";
import { Engine } from "./engine.ts";

const port = parentPort!;
const start = workerData as EngineStart;
const post = (message: FromEngine): void => port.postMessage(message);

try {
  const engine = new Engine(start, {
    post,
    take: () => receiveMessageOnPort(port)?.message as ToEngine | undefined,
  });
  // Real time from here on: what comes before, the rehearsal above all, must not keep other masters waiting.
  const notes = [
    start.realtimePriority > 0 ? setRealtime(start.realtimePriority) : null,
    lockMemory(),
    setTimerSlack(1),
  ].filter((note) => note !== null);
  post({ type: "ready", notes });
  engine.run();
  post({ type: "stopped" });
} catch (error) {
  post({ type: "failed", error: error instanceof Error ? error.message : String(error) });
}
// The port would keep the thread alive.
port.close();
