// Two network namespaces with a cable between them, for tests with real packets.
import { Capture, type CapturedFrame } from "../../../native/capture.ts";
import { closeDescriptor, waitReadable } from "../../../native/descriptor.ts";
import { enterNamespace, newNamespace, openNamespace } from "../../../native/namespace.ts";
import { Memory } from "../../../native/memory.ts";
import { IF_ADDR } from "../../../native/constants.ts";
import {
  type AddressInfo,
  type AddressRequest,
  FOREVER,
  writeAddAddress,
} from "../../../native/netlink/address.ts";
import { RouteClient } from "../../../native/netlink/client.ts";
import { buildLinkChange, buildVeth } from "../../../native/netlink/link.ts";
import { RouteMonitor } from "../../../native/netlink/monitor.ts";
import { openFrameSocket, SendBatch } from "../../../native/socket.ts";
import { Target } from "../../../native/target.ts";

export const MAC_A = Uint8Array.of(0x02, 0, 0, 0, 0, 0x0a);
export const MAC_B = Uint8Array.of(0x02, 0, 0, 0, 0, 0x0b);

/** One end of the cable: its namespace, and commands for it. */
export interface Side {
  namespace: number;
  client: RouteClient;
  ifindex: number;
}

/** Runs `work` with the calling thread in that namespace. */
export function inside<T>(namespace: number, work: () => T): T {
  const home = openNamespace();
  try {
    enterNamespace(namespace);
    return work();
  } finally {
    enterNamespace(home);
    closeDescriptor(home);
  }
}

/** A new namespace that lives as long as the descriptor (and its sockets) are open. */
export function createNamespace(): number {
  const home = openNamespace();
  try {
    newNamespace();
    return openNamespace();
  } finally {
    enterNamespace(home);
    closeDescriptor(home);
  }
}

/**
 * Namespaces a and b, joined by a veth pair (`va`, `vb`) that is up. Each end has a link-local address
 * (fe80::a, fe80::b): without any IPv6 address Linux has no route for multicast and drops it.
 */
export class Lab implements Disposable {
  readonly a: Side;
  readonly b: Side;

  constructor() {
    const a = createNamespace();
    const b = createNamespace();
    const clientA = inside(a, () => new RouteClient());
    const clientB = inside(b, () => new RouteClient());
    clientA.request((m) =>
      buildVeth(m, { name: "va", mac: MAC_A }, { name: "vb", mac: MAC_B, namespaceFd: b })
    );
    this.a = { namespace: a, client: clientA, ifindex: up(clientA, "va") };
    this.b = { namespace: b, client: clientB, ifindex: up(clientB, "vb") };
    addAddress(this.a, "fe80::a");
    addAddress(this.b, "fe80::b");
    // Up is not enough, nor is the flag: until the kernel has noticed the carrier it drops what is sent.
    provePath(this.a, this.b);
    provePath(this.b, this.a);
  }

  [Symbol.dispose](): void {
    for (const side of [this.a, this.b]) {
      side.client.close();
      closeDescriptor(side.namespace);
    }
  }
}

/** Sends frames until one arrives. */
function provePath(from: Side, to: Side): void {
  const capture = inside(to.namespace, () => new Capture(to.ifindex));
  const fd = inside(from.namespace, openFrameSocket);
  const probe = new Memory(60);
  probe.bytes.fill(0xff, 0, 6);
  // linux/if_ether.h: a type for experiments (IEEE 802), which nobody answers.
  probe.view.setUint16(12, 0x88b5);
  const batch = new SendBatch();
  const target = Target.frame(from.ifindex);
  for (let tries = 0, seen = false; !seen; tries++) {
    if (tries > 500) throw new Error("the cable carries nothing");
    push(batch, probe, target);
    batch.flush(fd);
    waitReadable(capture.fd, 10);
    for (let frame = capture.receive(); frame !== null; frame = capture.receive()) {
      seen ||= frame.frame[12] === 0x88 && frame.frame[13] === 0xb5;
    }
  }
  closeDescriptor(fd);
  capture.close();
}

function up(client: RouteClient, name: string): number {
  const link = client.links().find((l) => l.name === name);
  if (link === undefined) throw new Error(`no link ${name}`);
  const loopback = client.links().find((l) => l.name === "lo");
  if (loopback !== undefined) client.request((m) => buildLinkChange(m, loopback.ifindex, { up: true }));
  client.request((m) => buildLinkChange(m, link.ifindex, { noIpv6Autoconf: true }));
  client.request((m) => buildLinkChange(m, link.ifindex, { up: true }));
  return link.ifindex;
}

/** Longest wait for an address: the kernel's worker stands in line with all that changes any namespace. */
const SETTLE_MS = 30_000;

/** Adds an address to one end, and waits until it is in place; the test fails if the kernel refuses. */
export function addAddress(side: Side, text: string, more: Partial<AddressRequest> = {}): void {
  const monitor = inside(side.namespace, () => new RouteMonitor());
  const memory = new Memory(256);
  const results = new Int32Array(1);
  const request = addressRequest(side.ifindex, ip(text), more);
  side.client.transact(memory, 0, writeAddAddress(memory, 0, request, "exclusive"), results);
  if (results[0] !== 0) throw new Error(`adding ${text} failed: ${results[0]} ${side.client.errorText(0)}`);
  // One of IPv6 is tentative for a moment without any detection of duplicates, too: nothing leaves from it.
  let settled = !request.noDad;
  const here = ({ ifindex, address, flags }: AddressInfo, deleted: boolean) => {
    const same = ifindex === side.ifindex && address.toHex() === request.address.toHex();
    if (same && !deleted) settled ||= (flags & IF_ADDR.IFA_F_TENTATIVE) === 0;
  };
  for (const info of side.client.addresses()) here(info, false);
  while (!settled) {
    if (!waitReadable(monitor.fd, SETTLE_MS)) throw new Error(`${text} is never in place`);
    monitor.receive({ link: () => {}, address: here });
  }
  monitor.close();
}

/** An address request with everything that a test does not care about. */
export function addressRequest(
  ifindex: number,
  address: Uint8Array,
  more: Partial<AddressRequest> = {},
): AddressRequest {
  return {
    family: address.length === 4 ? "ipv4" : "ipv6",
    ifindex,
    address,
    prefixLength: address.length === 4 ? 24 : 64,
    scope: 0,
    broadcast: null,
    label: null,
    protocol: 0,
    noDad: true,
    preferredS: FOREVER,
    validS: FOREVER,
    ...more,
  };
}

export function ip(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes(".")) return Uint8Array.from(text.split("."), Number);
  const [head = "", tail = ""] = text.split("::");
  const words = (part: string) => part === "" ? [] : part.split(":").map((word) => parseInt(word, 16));
  const before = words(head);
  const after = words(tail);
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 255]));
}

export function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(text.replace(/\s+/g, ""));
}

/** Waits until a descriptor is readable; the test fails if it never is. */
export function awaitReadable(fd: number): void {
  if (!waitReadable(fd, 3000)) throw new Error("nothing came within 3 s");
}

/** Adds the packet that fills `memory` to the batch. */
export function push(batch: SendBatch, memory: Memory, target: Target): number {
  const { nameAddress, nameBytes, controlAddress, controlBytes } = target;
  return batch.push(
    memory.address,
    memory.bytes.length,
    nameAddress,
    nameBytes,
    controlAddress,
    controlBytes,
  );
}

/** The first frame with these bytes at that offset; other traffic (MLD reports) passes. */
export function awaitFrame(capture: Capture, at: number, bytes: Uint8Array): CapturedFrame {
  const wanted = bytes.toHex();
  for (;;) {
    const frame = capture.receive();
    if (frame === null) awaitReadable(capture.fd);
    else if (frame.frame.slice(at, at + bytes.length).toHex() === wanted) return frame;
  }
}
