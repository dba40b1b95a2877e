// Timers run from the arrival of an advert at this machine, not from when the engine came to read it.
import { expect, test } from "bun:test";
import { monotonicUs } from "../../../native/clock.ts";
import { Memory } from "../../../native/memory.ts";
import { UdpSender } from "../../../native/udp.ts";
import { BFD_REFUSALS, DOWN, PACKET_BYTES, writePacket } from "../../../src/bfd/packet.ts";
import { plainAddress, plainInstance } from "../../../src/config/plain.ts";
import { BFD_COUNTERS, BFD_GAUGES, COUNTER_SLOTS, type EngineBfd } from "../../../src/messages.ts";
import { parseAddress } from "../../../src/vrrp/address.ts";
import { waitedUs } from "../../../src/engine/arrival.ts";
import { BfdLinks } from "../../../src/engine/bfd.ts";
import { Instance } from "../../../src/engine/instance.ts";
import { Transport } from "../../../src/engine/transport.ts";
import { plainBfd } from "../../support/plain_bfd.ts";
import { addAddress, awaitReadable, inside, Lab } from "../native/lab.ts";

test("an advert that waited in the socket's queue counts from its arrival", () => {
  using lab = new Lab();
  addAddress(lab.a, "192.0.2.2");
  addAddress(lab.b, "192.0.2.3");
  const arrivals: number[] = [];
  const nothing = () => {};
  const transport = new Transport({
    accepted: (_instance, _advert, _packet, _remarks, arrivedUs) => void arrivals.push(arrivedUs),
    refused: (_endpoint, _instance, code) => void arrivals.push(-code),
    sendFailed: nothing,
    watch: nothing,
    unwatch: nothing,
  }, -1);
  const sending = new Transport({ ...silent(), sendFailed: () => void arrivals.push(NaN) }, -1);
  const from = instance();
  const to = instance();
  inside(lab.a.namespace, () => sending.attach(from, lab.a.ifindex, parseAddress("192.0.2.2")!));
  inside(lab.b.namespace, () => transport.attach(to, lab.b.ifindex, parseAddress("192.0.2.3")!));

  // The kernel begins to stamp packets some time after the first socket has asked for it: until then the time
  // of reading is all there is.
  let waited = false;
  for (let tries = 0; !waited && tries < 500; tries++) {
    arrivals.length = 0;
    const beforeUs = monotonicUs();
    sending.queue(from, 150);
    sending.flush();
    awaitReadable(to.attachment!.endpoint.fd);
    const readableUs = monotonicUs();
    transport.receive(to.attachment!.endpoint);
    expect(arrivals.length).toBe(1);
    expect(arrivals[0]).toBeGreaterThanOrEqual(beforeUs);
    waited = arrivals[0]! <= readableUs;
  }
  expect(waited).toBe(true);
  sending.detach(from);
  transport.detach(to);
});

test("so does a BFD packet: the silence of its sender begins there", () => {
  using lab = new Lab();
  addAddress(lab.a, "192.0.2.2");
  addAddress(lab.b, "192.0.2.3");
  const sockets: number[] = [];
  const nothing = () => {};
  const links = new BfdLinks({
    watch: (fd) => void sockets.push(fd),
    unwatch: nothing,
    post: nothing,
    log: (_level, text) => expect(text).toBe(""),
    unmatched: () => expect("a packet of no session").toBe(""),
  }, 0);
  const memory = new Memory(PACKET_BYTES);
  // It wants no packets, so that the only deadline is that of its own silence: 3 x 10 ms.
  const neighbor = { diagnostic: 0, state: DOWN, multiplier: 3, discriminator: 7, remoteDiscriminator: 0 };
  writePacket(memory.view, { ...neighbor, desiredMinTxUs: 10_000, requiredMinRxUs: 0 }, false, false);
  const ends = { source: parseAddress("192.0.2.2")!, destination: parseAddress("192.0.2.3")! };
  const path = { ...ends, family: "ipv4", port: 3784, ttl: 255 } as const;
  const sender = inside(lab.a.namespace, () => new UdpSender(path, memory, () => 0));
  inside(lab.b.namespace, () => links.apply([session()], monotonicUs()));
  let waited = false;
  for (let tries = 0; !waited && tries < 500; tries++) {
    const beforeUs = monotonicUs();
    expect(sender.send()).toBe(0);
    awaitReadable(sockets[0]!);
    const readableUs = monotonicUs();
    links.drain(monotonicUs());
    const arrivedUs = links.nextDueUs() - 30_000;
    expect(arrivedUs).toBeGreaterThanOrEqual(beforeUs);
    waited = arrivedUs <= readableUs;
  }
  expect(waited).toBe(true);
  sender.close();
  links.shutdown(monotonicUs());
});

test("a clock that was set meanwhile moves no timer by more than 10 ms", () => {
  expect(waitedUs(70)).toBe(70);
  expect(waitedUs(3_600_000_000)).toBe(10_000);
  expect(waitedUs(-3_600_000_000)).toBe(0);
  expect(waitedUs(NaN)).toBe(0);
});

function session(): EngineBfd {
  const config = plainBfd("neighbor", "192.0.2.2", { passive: true });
  const slots = BFD_COUNTERS.length + BFD_GAUGES.length + BFD_REFUSALS.length;
  return { config, counters: new SharedArrayBuffer(slots * 8) };
}

function silent() {
  const nothing = () => {};
  return { accepted: nothing, refused: nothing, sendFailed: nothing, watch: nothing, unwatch: nothing };
}

function instance(): Instance {
  const config = plainInstance({
    name: "VI",
    interface: "v",
    version: 3,
    family: "ipv4",
    multicastGroup: "224.0.0.18",
    addresses: [plainAddress("192.0.2.1", 24, "v")],
  });
  const counters = new Float64Array(new SharedArrayBuffer(COUNTER_SLOTS * 8));
  const effects = {
    advertise: () => {},
    hold: () => {},
    release: () => {},
    announce: () => {},
    transition: () => {},
    heard: () => {},
    delaying: () => {},
    left: () => {},
  };
  return new Instance(0, { id: 1, config, counters, scripts: {}, tracked: {} }, effects);
}
