// Waits in epoll for the eventfd that it is told, and says so before and after.
import { Poller } from "../../../native/epoll.ts";

declare const self: Worker;

self.onmessage = (event: MessageEvent) => {
  const set = new Poller();
  set.add(event.data as number, 77);
  self.postMessage("waiting");
  const n = set.wait(5000);
  self.postMessage(`woken ${n} ${set.token(0)}`);
  set.close();
};
