// Runs one loop of steady.test.ts, between two marks on stderr.
import { monotonicUs, realtimeUs } from "../../../native/clock.ts";
import { Poller } from "../../../native/epoll.ts";
import { drainEventfd, openEventfd, signalEventfd } from "../../../native/eventfd.ts";
import { GARP_BYTES, NA_BYTES, writeGratuitousArp, writeUnsolicitedNa } from "../../../native/frames.ts";
import { libc } from "../../../native/libc.ts";
import { Memory } from "../../../native/memory.ts";
import { writeAddAddress } from "../../../native/netlink/address.ts";
import { RouteMonitor } from "../../../native/netlink/monitor.ts";
import { joinGroup, openReceiver, openSender, ReceiveBatch, SendBatch } from "../../../native/socket.ts";
import { Target } from "../../../native/target.ts";
import { Timerfd } from "../../../native/timerfd.ts";
import { addressRequest, hex, inside, ip, Lab } from "./lab.ts";

const lab = new Lab();
let kept: unknown = null;

function mark(text: string): void {
  const line = new TextEncoder().encode(`MARK ${text}\n`);
  libc.write(2, line, line.length);
}

function waiting(): () => void {
  const set = new Poller();
  const timer = new Timerfd();
  const fd = openEventfd();
  set.add(timer.fd, 1);
  set.add(fd, 2);
  return () => {
    timer.arm(monotonicUs() + realtimeUs());
    signalEventfd(fd);
    const n = set.wait(0);
    for (let i = 0; i < n; i++) if (set.token(i) === 2 && set.flags(i) === 1) drainEventfd(fd);
    timer.drain();
    timer.disarm();
  };
}

function sendAndReceive(): () => void {
  const options = { family: "ipv6", protocol: 112, ifindex: lab.b.ifindex, bufferBytes: 1 << 20 } as const;
  const receiver = inside(lab.b.namespace, () => openReceiver(options));
  joinGroup(receiver, "ipv6", ip("ff02::12"), lab.b.ifindex);
  const sender = inside(lab.a.namespace, () => openSender("ipv6"));
  const packet = new Memory(48);
  packet.bytes.set(
    hex(
      "6c000000 0008 70 ff fe80000000000000000000000000000a ff020000000000000000000000000012 3133640000640000",
    ),
  );
  const target = Target.ip("ipv6", ip("ff02::12"), lab.a.ifindex);
  const nowhere = Target.ip("ipv6", ip("ff02::12"), 4711);
  const send = new SendBatch();
  const receive = new ReceiveBatch();
  return () => {
    for (let i = 0; i < 4; i++) {
      const to = i === 2 ? nowhere : target;
      send.push(packet.address, 48, to.nameAddress, to.nameBytes, to.controlAddress, to.controlBytes);
    }
    send.flush(sender);
    if (send.error(2) === 0) throw new Error("sent to nowhere");
    const n = receive.receive(receiver);
    for (let i = 0; i < n; i++) {
      const at = receive.destinationStart(i) + receive.sourceStart(i) + receive.start(i);
      if (receive.hopLimit(i) !== 255 || receive.truncated(i) || receive.length(i) !== 8 || at < 0) {
        throw new Error("not what was sent");
      }
    }
  };
}

function frames(): () => void {
  const bytes = new Uint8Array(new ArrayBuffer(GARP_BYTES + NA_BYTES));
  const mac = hex("00005e000133");
  const four = ip("192.0.2.1");
  const six = ip("2001:db8::1");
  return () => {
    writeGratuitousArp(bytes, 0, mac, four);
    writeUnsolicitedNa(bytes, GARP_BYTES, mac, six, true);
  };
}

/** Four addresses, renewed in one transaction; the events of the renewals are read and passed over. */
function renewals(): () => void {
  const monitor = inside(lab.a.namespace, () => new RouteMonitor());
  monitor.ignorePorts(lab.a.client.portId);
  const memory = new Memory(4096);
  const results = new Int32Array(16);
  const lease = { preferredS: 100, validS: 100, protocol: 0x70 };
  const requests = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"].map((text) =>
    addressRequest(lab.a.ifindex, ip(text), lease)
  );
  const handler = { link() {}, address() {} };
  return () => {
    let end = 0;
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i];
      if (request !== undefined) end = writeAddAddress(memory, end, request, "replace");
    }
    if (lab.a.client.transact(memory, 0, end, results) !== 4 || results[3] !== 0) throw new Error("refused");
    if (monitor.receive(handler) !== "done") throw new Error("overrun");
  };
}

const LOOPS: Record<string, [turns: number, make: () => () => void]> = {
  wait: [400_000, waiting],
  "send-receive": [50_000, sendAndReceive],
  frames: [1_000_000, frames],
  renew: [40_000, renewals],
  allocates: [400_000, () => () => void (kept = { at: monotonicUs(), kept: kept === null })],
};

const chosen = LOOPS[process.argv[2] ?? ""];
if (chosen === undefined) throw new Error("no such loop");
const [turns, make] = chosen;
const turn = make();
for (let i = 0; i < 3000; i++) turn();
Bun.gc(true);
mark("begin");
for (let i = 0; i < turns; i++) turn();
mark("end");
