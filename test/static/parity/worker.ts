// The worker of the parity program.
import { parentPort, workerData } from "node:worker_threads";
import { Poller } from "../../../native/epoll.ts";
import { drainEventfd } from "../../../native/eventfd.ts";

const data = workerData as { task: string; fd: number; wakes: number; i: number };
const say = (message: unknown) => parentPort?.postMessage(message);

switch (data.task) {
  case "wait": {
    const poller = new Poller();
    poller.add(data.fd, 7);
    say("waiting");
    let tokens = 0;
    for (let i = 0; i < data.wakes; i++) {
      while (poller.wait(-1) === 0);
      tokens += poller.token(0);
      drainEventfd(data.fd);
      say(i + 1);
    }
    poller.close();
    say(tokens);
    break;
  }
  case "compute": {
    let sum = 0;
    for (let i = 0; i < 400_000; i++) sum = (sum * 31 + i + data.i) | 0;
    say(sum);
    break;
  }
  case "throw":
    throw new Error("on purpose");
  case "recurse": {
    const deeper = (): number => 1 + deeper();
    try {
      deeper();
    } catch (error) {
      say((error as Error).name);
    }
    break;
  }
  case "exit":
    process.exit(7);
}
process.exit(0);
