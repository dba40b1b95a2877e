// Workers: one that blocks in epoll_wait as the engine does, ones that compute, ones that fail.
import { Worker } from "node:worker_threads";
import { closeDescriptor } from "../../../native/descriptor.ts";
import { openEventfd, signalEventfd } from "../../../native/eventfd.ts";
import type { Items } from "./item.ts";

const CODE = new URL("./worker.ts", import.meta.url);

/** All messages of a worker until its end, then how it ended. */
function listen(worker: Worker): Promise<unknown[]> {
  const { promise, resolve } = Promise.withResolvers<unknown[]>();
  const heard: unknown[] = [];
  worker.on("message", (message) => heard.push(message));
  worker.on("error", (error) => heard.push(`error: ${(error as Error).message}`));
  worker.on("exit", (code) => resolve([...heard, code]));
  return promise;
}

export const workers: Items = {
  "one that blocks in epoll_wait is woken a hundred times": async () => {
    const fd = openEventfd();
    const worker = new Worker(CODE, { workerData: { task: "wait", fd, wakes: 100 } });
    // It says "waiting" and then how often it was woken: each word is answered by the next wake.
    worker.on("message", () => signalEventfd(fd));
    const heard = await listen(worker);
    closeDescriptor(fd);
    return [heard.length, heard.slice(-3)];
  },
  "four at once": () =>
    Promise.all(
      Array.from({ length: 4 }, (_, i) => listen(new Worker(CODE, { workerData: { task: "compute", i } }))),
    ),
  "an exception ends it": () => listen(new Worker(CODE, { workerData: { task: "throw" } })),
  "recursion without end is an exception in it": () =>
    listen(new Worker(CODE, { workerData: { task: "recurse" } })),
  "process.exit ends it alone": () => listen(new Worker(CODE, { workerData: { task: "exit" } })),
  "terminate ends one that blocks": async () => {
    const fd = openEventfd();
    const worker = new Worker(CODE, { workerData: { task: "wait", fd, wakes: 2 } });
    const { promise, resolve } = Promise.withResolvers<void>();
    worker.once("message", () => resolve());
    await promise;
    void worker.terminate();
    signalEventfd(fd);
    return "terminated";
  },
};
