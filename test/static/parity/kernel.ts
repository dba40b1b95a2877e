// What the engine asks of the kernel through FFI: namespaces, netlink, packets, timers, real time. As root.
import { dlopen, FFIType, JSCallback, ptr, toArrayBuffer } from "bun:ffi";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rmSync } from "node:fs";
import { Capture } from "../../../native/capture.ts";
import { monotonicUs, realtimeUs } from "../../../native/clock.ts";
import { closeDescriptor } from "../../../native/descriptor.ts";
import { Poller } from "../../../native/epoll.ts";
import { ERRNO } from "../../../native/errno.ts";
import { libc, libcName } from "../../../native/libc.ts";
import { lockFile } from "../../../native/lock.ts";
import { Memory, pointer } from "../../../native/memory.ts";
import { lockMemory, setRealtime, setTimerSlack } from "../../../native/schedule.ts";
import { ignoreSignal } from "../../../native/signals.ts";
import {
  joinGroup,
  openFrameSocket,
  openReceiver,
  openSender,
  ReceiveBatch,
  SendBatch,
} from "../../../native/socket.ts";
import { Target } from "../../../native/target.ts";
import { Timerfd } from "../../../native/timerfd.ts";
import { addAddress, awaitFrame, awaitReadable, hex, inside, ip, Lab, push } from "../../unit/native/lab.ts";
import { type Items, thrown } from "./item.ts";

const VRRP = 112;
const PACKET = "45c00028 00000000 ff700000 c0000202 e0000012 21336401 0001b8c8 c0000201 0000000000000000";

function memoryOf(text: string): Memory {
  const bytes = hex(text);
  const memory = new Memory(bytes.length);
  memory.bytes.set(bytes);
  return memory;
}

export const kernel: Items = {
  "calls with fractions, text, variable arguments": () => {
    const { symbols } = dlopen(libcName, {
      strtod: { args: [FFIType.cstring, FFIType.ptr], returns: FFIType.f64 },
      getenv: { args: [FFIType.cstring], returns: FFIType.cstring },
      snprintf: { args: [FFIType.ptr, FFIType.u64, FFIType.cstring, FFIType.i32], returns: FFIType.i32 },
    });
    const text = Buffer.alloc(32);
    const written = symbols.snprintf(text, 32, Buffer.from("n=%d\0"), 77);
    return [
      symbols.strtod(Buffer.from("2.5\0"), null),
      String(symbols.getenv(Buffer.from("PATH\0"))) === process.env["PATH"],
      text.toString("latin1", 0, written),
    ];
  },
  "the C library calls back": () => {
    const { symbols } = dlopen(libcName, {
      qsort: { args: [FFIType.ptr, FFIType.u64, FFIType.u64, FFIType.function], returns: FFIType.void },
    });
    const at = (address: number) => new Int32Array(toArrayBuffer(pointer(address), 0, 4))[0] ?? 0;
    const compare = new JSCallback((a: number, b: number) => at(a) - at(b), {
      args: [FFIType.ptr, FFIType.ptr],
      returns: FFIType.i32,
    });
    const numbers = new Int32Array([5, 3, 9, 1]);
    symbols.qsort(ptr(numbers), 4, 4, compare.ptr);
    compare.close();
    return [...numbers];
  },
  "a library that is not there": () =>
    thrown(() => dlopen("libdoes-not-exist.so.1", { f: { args: [], returns: FFIType.void } })).length > 0,
  "a name that does not exist": () =>
    thrown(() => dlopen(libcName, { baton_has_no_such_function: { args: [], returns: FFIType.void } }))
      .includes(
        "baton_has_no_such_function",
      ),
  errno: () => {
    let wrong = 0;
    for (let i = 0; i < 200_000; i++) {
      if (libc.close(-1) !== -1) wrong++;
      if (thrownErrno() !== ERRNO.EBADF) wrong++;
    }
    return wrong;
  },
  clocks: () => [monotonicUs() > 0, Math.abs(realtimeUs() / 1000 - Date.now()) < 1000],
  "a timer in an epoll set": () => {
    const [poller, timer] = [new Poller(), new Timerfd()];
    poller.add(timer.fd, 9);
    const before = poller.wait(0);
    timer.arm(monotonicUs() + 2000);
    let ready = 0;
    while (ready === 0) ready = poller.wait(-1);
    const token = poller.token(0);
    timer.drain();
    const after = poller.wait(0);
    timer.close();
    poller.close();
    return [before, ready, token, after];
  },
  "links and addresses": () => {
    using lab = new Lab();
    addAddress(lab.a, "192.0.2.2");
    addAddress(lab.a, "2001:db8::2");
    return [
      lab.a.client.links().map((link) => link.name).sort(),
      lab.a.client.addresses().map((address) => address.address.toHex()).sort(),
      thrown(() => addAddress(lab.a, "192.0.2.2")),
    ];
  },
  "an advert over a cable": () => {
    using lab = new Lab();
    addAddress(lab.a, "192.0.2.2");
    addAddress(lab.b, "192.0.2.3");
    const options = { family: "ipv4", protocol: VRRP, ifindex: lab.b.ifindex, bufferBytes: 1 << 20 } as const;
    const receiver = inside(lab.b.namespace, () => openReceiver(options));
    joinGroup(receiver, "ipv4", ip("224.0.0.18"), lab.b.ifindex);
    const sender = inside(lab.a.namespace, () => openSender("ipv4"));
    const [memory, out, received] = [memoryOf(PACKET), new SendBatch(), new ReceiveBatch()];
    push(out, memory, Target.ip("ipv4", ip("224.0.0.18"), lab.a.ifindex));
    const sent = out.flush(sender);
    awaitReadable(receiver);
    const count = received.receive(receiver);
    const start = received.start(0) + 20;
    const payload = received.memory.bytes.slice(start, start + received.length(0) - 20).toHex();
    [receiver, sender].forEach(closeDescriptor);
    return [sent, count, payload];
  },
  "a frame over a cable": () => {
    using lab = new Lab();
    const capture = inside(lab.b.namespace, () => new Capture(lab.b.ifindex));
    const socket = inside(lab.a.namespace, openFrameSocket);
    const frame = memoryOf("ffffffffffff 020000000001 88b5" + "42".repeat(46));
    const out = new SendBatch();
    push(out, frame, Target.frame(lab.a.ifindex));
    const sent = out.flush(socket);
    const seen = awaitFrame(capture, 0, frame.bytes).frame.length;
    closeDescriptor(socket);
    capture.close();
    return [sent, seen];
  },
  "real time, locked memory, timer slack": () => [setTimerSlack(1000), lockMemory(), setRealtime(1)],
  "signals and locks": () => {
    const file = join(tmpdir(), `baton-parity-${process.pid}.lock`);
    const [first, second] = [lockFile(file), lockFile(file)];
    if (first !== null) closeDescriptor(first);
    rmSync(file, { force: true });
    return [ignoreSignal(36), ignoreSignal(4096), first !== null, second];
  },
};

function thrownErrno(): number {
  libc.close(-1);
  return new Int32Array(toArrayBuffer(libc.__errno_location()!, 0, 4))[0] ?? 0;
}
