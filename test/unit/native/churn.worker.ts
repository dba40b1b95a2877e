// Adds and deletes addresses of an interface without end, until it is told to stop.
import { Memory } from "../../../native/memory.ts";
import { enterNamespace } from "../../../native/namespace.ts";
import { writeAddAddress, writeDeleteAddress } from "../../../native/netlink/address.ts";
import { RouteClient } from "../../../native/netlink/client.ts";
import { addressRequest } from "./lab.ts";

declare const self: Worker;

self.onmessage = (event: MessageEvent) => {
  const { namespace, ifindex, stop } = event.data as {
    namespace: number;
    ifindex: number;
    stop: SharedArrayBuffer;
  };
  const flag = new Int32Array(stop);
  enterNamespace(namespace);
  const client = new RouteClient();
  const memory = new Memory(8192);
  const results = new Int32Array(2);
  let rounds = 0;
  while (Atomics.load(flag, 0) === 0) {
    const request = addressRequest(ifindex, Uint8Array.of(10, 8, 0, rounds++ & 255), { prefixLength: 32 });
    const middle = writeAddAddress(memory, 0, request, "exclusive");
    client.transact(memory, 0, writeDeleteAddress(memory, middle, request), results);
    if (rounds === 1) self.postMessage("churning");
  }
  client.close();
  self.postMessage(rounds);
};
