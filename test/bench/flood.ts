// Child process of the bench: sends a paced flood of VRRP packets that a router must refuse.
import { monotonicUs } from "../../native/clock.ts";
import { SOCKET } from "../../native/constants.ts";
import { SOCKADDR_LL } from "../../native/layout.ts";
import { Memory } from "../../native/memory.ts";
import { waitReadable } from "../../native/descriptor.ts";
import { openFrameSocket, SendBatch } from "../../native/socket.ts";
import { Timerfd } from "../../native/timerfd.ts";
import { VRID } from "./configuration.ts";
import { ipv4, VIP } from "./lab.ts";
import { advertFrame } from "./packets.ts";

interface Spec {
  ifindex: number;
  sourceMac: string;
  destinationMac: string;
  source: string;
  perSecond: number;
  seconds: number;
}

/** A burst each millisecond: short enough to be a stream, long enough for one system call to carry it. */
const STEP_US = 1000;
/** Whatever is asked for, no more than this is sent. */
const LIMIT_PACKETS = 10_000_000;

/** Half of the packets are good adverts of other routers, half are wrong ones of the router that is flooded. */
function frames(spec: Spec): Uint8Array[] {
  const base = {
    sourceMac: Uint8Array.fromHex(spec.sourceMac),
    // Unicast: a switch does not spread it, and a host takes it like the group's.
    destinationMac: Uint8Array.fromHex(spec.destinationMac),
    source: ipv4(spec.source),
    version: 3,
    priority: 254,
    intervalUs: 1_000_000,
    addresses: [ipv4(VIP)],
  } as const;
  const all: Uint8Array[] = [];
  for (let n = 0; n < 32; n++) {
    all.push(advertFrame({ ...base, vrid: 100 + n }));
    if (n % 4 === 0) all.push(advertFrame({ ...base, vrid: VRID, ttl: 64 }));
    else if (n % 4 === 1) all.push(withBadChecksum(advertFrame({ ...base, vrid: VRID })));
    else if (n % 4 === 2) all.push(advertFrame({ ...base, vrid: VRID, keepBytes: 6 }));
    else all.push(advertFrame({ ...base, vrid: VRID, addresses: [ipv4("10.99.0.77")], version: 2 }));
  }
  return all;
}

function withBadChecksum(frame: Uint8Array): Uint8Array {
  frame[frame.length - 1]! ^= 0xff;
  return frame;
}

function flood(spec: Spec): void {
  const memories = frames(spec).map((frame) => {
    const memory = new Memory(frame.length);
    memory.bytes.set(frame);
    return memory;
  });
  const name = new Memory(SOCKADDR_LL.size);
  name.view.setUint16(SOCKADDR_LL.at.sll_family, SOCKET.AF_PACKET, true);
  name.view.setInt32(SOCKADDR_LL.at.sll_ifindex, spec.ifindex, true);
  const fd = openFrameSocket();
  const batch = new SendBatch(1024);
  const timer = new Timerfd();
  const startUs = monotonicUs();
  const wanted = Math.min(LIMIT_PACKETS, spec.perSecond * spec.seconds);
  let next = 0;
  let sent = 0;
  for (let dueUs = startUs; next < wanted; dueUs += STEP_US) {
    timer.arm(dueUs);
    waitReadable(timer.fd, 1000);
    timer.drain();
    const nowUs = monotonicUs();
    const target = Math.min(wanted, Math.floor(((nowUs - startUs) * spec.perSecond) / 1_000_000));
    while (next < target) {
      for (; next < target && !batch.full; next++) {
        const memory = memories[next % memories.length] as Memory;
        batch.push(memory.address, memory.bytes.length, name.address, SOCKADDR_LL.size, 0, 0);
      }
      sent += batch.flush(fd);
    }
  }
  process.stdout.write(JSON.stringify({ sent, seconds: (monotonicUs() - startUs) / 1_000_000 }) + "\n");
}

flood(JSON.parse(process.argv[2] ?? "{}") as Spec);
