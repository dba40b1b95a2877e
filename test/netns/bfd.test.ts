// BFD sessions of the binary: what they do to instances, on the wire, at a reload, a stop and under forged packets.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { bfdBecomes, bfdPackets, bfdShows, craftBfd, session, tracking } from "../support/bfd.ts";
import { collectionsIn, EXACT } from "../support/collections.ts";
import { GLOBAL, instance } from "../support/conf.ts";
import { Injector } from "../support/craft.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1 } as const;

// shows: root bfd_instance
// shows: vrrp_instance track_bfd
// shows: bfd_instance neighbor_ip
test.concurrent("a session that is not up means FAULT; the other router takes over; AdminDown counts at once", async () => {
  await using lab = await Lab.create({ a: {}, b: {}, r: {} });
  const [na, nb, nr] = [lab.node("a"), lab.node("b"), lab.node("r")];
  const wire = await Wire.onSwitch(lab);
  const one = (priority: number, lines: string[]) =>
    new Baton(
      priority === 150 ? na : nb,
      GLOBAL + session("gateway", nr.address) + instance({ ...V3, priority, lines }),
    ).start();
  const a = one(150, tracking("gateway"));
  // Like keepalived: a session that has not come up yet is one that is down.
  await a.becomes("FAULT");
  expect((await a.instance()).reason).toBe("BFD session gateway is not up");
  const b = one(100, []);
  await b.becomes("MASTER");
  const both = session("a", na.address) + session("b", nb.address);
  const r = new Baton(nr, GLOBAL + both).start();
  await a.becomes("MASTER");
  await b.becomes("BACKUP");
  await a.waitFor(/\(gateway\) Entering Up state/);
  await a.waitFor(/VRRP_Instance\(VI_1\) Tracked BFD instance gateway is UP/);
  expect((await a.instance()).trackers).toEqual([{ kind: "bfd", name: "gateway", ok: true, weight: 0 }]);

  // A reload that takes the session away says so.
  let from = a.mark();
  await r.reload(GLOBAL + session("b", nb.address));
  await wire.next(bfdPackets({ source: nr.mac, state: 0, diagnostic: 7 }));
  await a.becomes("FAULT");
  await b.becomes("MASTER");
  await a.waitFor(
    /\(gateway\) Entering Down state \(Local diagnostic - Neighbor Signaled Session Down, Remote/,
    from,
  );
  await a.waitFor(/VRRP_Instance\(VI_1\) Tracked BFD instance gateway is DOWN/, from);
  await r.reload(GLOBAL + both);
  await a.becomes("MASTER");

  // A neighbor that freezes is missed by its silence alone.
  from = a.mark();
  r.signal("SIGSTOP");
  await a.becomes("FAULT");
  await b.becomes("MASTER");
  await a.waitFor(
    /\(gateway\) Entering Down state \(Local diagnostic - Control Detection Time Expired/,
    from,
  );
  r.signal("SIGCONT");
  await a.becomes("MASTER");

  // The end of a daemon ends its sessions aloud, and leaves no socket behind that would hear the next.
  const mark = wire.mark();
  expect(await r.end("SIGTERM")).toBe(0);
  expect(wire.since(bfdPackets({ source: nr.mac, state: 0, diagnostic: 7 }), mark)).toHaveLength(2);
  await a.becomes("FAULT");
});

// shows: bfd_instance weight
// shows: vrrp_sync_group track_bfd
// shows: track-entry weight, reverse, noreverse
test.concurrent("weights of the session and of the entry, reversed or not; those of a group are its members'", async () => {
  await using lab = await Lab.create({ a: {}, r: { ipv4: ["10.0.0.2/24", "10.0.0.3/24", "10.0.0.4/24"] } });
  const [na, nr] = [lab.node("a"), lab.node("r")];
  const ends = (n: number) => [`source_ip 10.0.0.${n}`];
  const text = session("plus", "10.0.0.2", ["weight 10"]) + session("minus", "10.0.0.3", ["weight -20"]) +
    session("turned", "10.0.0.4", ["weight 40 reverse"]);
  const lines = tracking("plus", "minus", "turned");
  const a = new Baton(na, GLOBAL + text + instance({ ...V3, lines })).start();
  // Down: the reversed one counts, the negative one takes away.
  await a.shows((i) => i.state === "MASTER" && i.priority.effective === 120);
  const r = new Baton(nr, GLOBAL + [2, 3, 4].map((n) => session(`s${n}`, na.address, ends(n))).join(""))
    .start();
  for (const name of ["plus", "minus", "turned"]) await bfdBecomes(a, name, "Up");
  await a.shows((i) => i.priority.effective === 110);
  // The entry's own weight and direction instead of the session's.
  const entries = ["plus weight 3 reverse", "minus weight 60", "turned weight 7 noreverse"];
  await a.reload(GLOBAL + text + instance({ ...V3, lines: tracking(...entries) }));
  await a.shows((i) => i.priority.effective === 167);
  // Without a weight, reversed: up means FAULT. For all members of a group.
  const group = `vrrp_sync_group G {\n  group {\n    VI_1\n    VI_2\n  }\n  ${
    tracking("plus weight 0 reverse").join("\n  ")
  }\n}\n`;
  const second = instance({ ...V3, name: "VI_2", vrid: 52, addresses: ["10.0.0.101/24"] });
  await a.reload(GLOBAL + text + group + instance({ ...V3 }) + second);
  for (const name of ["VI_1", "VI_2"]) {
    await a.becomes("FAULT", name);
    expect((await a.instance(name)).reason).toBe("BFD session plus is up");
  }
  expect(await r.end("SIGTERM")).toBe(0);
  for (const name of ["VI_1", "VI_2"]) await a.becomes("MASTER", name);
});

// shows: bfd_instance min_rx, min_tx, idle_tx, multiplier, ttl, hoplimit, source_ip, neighbour_ip, passive
test.concurrent("what is configured is on the wire; passive sessions do not begin", async () => {
  await using lab = await Lab.create({
    a: { ipv4: ["10.0.0.1/24", "10.0.0.11/24"] },
    b: { ipv4: ["10.0.0.2/24", "10.0.0.12/24"] },
  });
  const [na, nb] = [lab.node("a"), lab.node("b")];
  const wire = await Wire.onSwitch(lab);
  const odd = ["min_rx 70.5", "min_tx 60", "idle_tx 1200", "multiplier 4", "ttl 200"];
  const a = new Baton(
    na,
    GLOBAL + session("odd", "10.0.0.2", ["source_ip 10.0.0.11", ...odd]) +
      session("six", nb.global, ["hoplimit 100"]) +
      session("quiet", "10.0.0.12", ["source_ip 10.0.0.1", "passive"]),
  ).start();
  const ours = { source: na.mac, family: "ipv4" } as const;
  const idle = { ...ours, state: 1, minTx: 1_200_000, minRx: 70_500, multiplier: 4, hopLimit: 200 };
  const first = await wire.next(bfdPackets(idle));
  const next = await wire.next(bfdPackets(idle), wire.frames.indexOf(first) + 1);
  // RFC 5880 section 6.8.7: a quarter may be taken away.
  expect(next.timeUs - first.timeUs).toBeGreaterThan(895_000);
  await wire.next(bfdPackets({ source: na.mac, family: "ipv6", hopLimit: 100, state: 1 }));

  const passive = session("quiet", "10.0.0.1", ["source_ip 10.0.0.12", "passive"]);
  const six = session("six", na.global, ["max_hops 155"]);
  const others = session("odd", "10.0.0.11", ["source_ip 10.0.0.2", "max_hops 55"])
    .replace("neighbor_ip", "neighbour_ip") + six;
  const b = new Baton(nb, GLOBAL + others + passive).start();
  for (const name of ["odd", "six"]) await bfdBecomes(a, name, "Up");
  await wire.next(bfdPackets({ ...ours, state: 3, minTx: 60_000, minRx: 70_500, poll: false }));
  // 50 x 3 on our side is not what the other side asks for: 70.5 ms x 3, and there 60 x 4.
  await bfdShows(a, "odd", (s) => s.transmit_ms === 60 && s.detection_ms === 211.5);
  await bfdShows(b, "odd", (s) => s.transmit_ms === 70.5 && s.detection_ms === 240);

  // Both passive: not a packet, however long the others have been speaking.
  await wire.nth(20, bfdPackets({ source: nb.mac }), wire.mark());
  const quiet = (await a.status()).bfd.find(({ name }) => name === "quiet")!;
  expect([quiet.state, quiet.counters.packets_sent, quiet.counters.packets_rcvd]).toEqual(["Down", 0, 0]);
  // One of them begins: it comes up.
  await b.reload(GLOBAL + others + passive.replace("  passive\n", ""));
  await bfdBecomes(a, "quiet", "Up");
});

// shows: bfd_instance max_hops
test.concurrent("packets from too far away are refused, and max_hops says how far that is", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const [na, nb] = [lab.node("a"), lab.node("b")];
  const four = (lines: string[]) => session("four", nb.address, lines);
  const six = (lines: string[]) => session("six", nb.global, lines);
  const a = new Baton(na, GLOBAL + four(["max_hops 4"]) + six([])).start();
  const b = new Baton(
    nb,
    GLOBAL + session("four", na.address, ["ttl 250", "max_hops -1"]) +
      session("six", na.global, ["hoplimit 63", "max_hops -1"]),
  ).start();
  for (const name of ["four", "six"]) {
    await bfdShows(a, name, (s) => s.refusals.ttl > 1 && s.state === "Down");
  }
  await a.reload(GLOBAL + four(["max_hops 5"]) + six(["max_hops 1"]));
  for (const name of ["four", "six"]) await bfdBecomes(a, name, "Up");
  // Over IPv6 a keepalived sends 64, and that is taken unless hoplimit is given.
  await b.reload(
    GLOBAL + session("four", na.address, ["ttl 255", "max_hops -1"]) +
      session("six", na.global, ["hoplimit 64"]),
  );
  await a.reload(GLOBAL + four([]) + six([]));
  for (const name of ["four", "six"]) {
    await bfdBecomes(a, name, "Up");
    expect((await bfdBecomes(b, name, "Up")).counters.up_transitions).toBe(1);
  }
});

// shows: bfd_instance vrrp, checker
test.concurrent("a session for checkers alone is tracked by nobody; with vrrp it is", async () => {
  await using lab = await Lab.create({ a: {} });
  const text = (lines: string[]) =>
    GLOBAL + session("s", "10.0.0.99", ["weight -30", ...lines]) + instance({ ...V3, lines: tracking("s") });
  const a = new Baton(lab.node("a"), text(["checker"])).start();
  await a.shows((i) => i.state === "MASTER" && i.priority.effective === 100 && i.trackers.length === 0);
  await a.waitFor(/tracks s, which is for checkers of virtual servers only/);
  await a.reload(text(["checker", "vrrp"]));
  await a.shows((i) => i.priority.effective === 70);
  await a.reload(text(["checker"]));
  await a.shows((i) => i.priority.effective === 100);
  await a.reload(text(["vrrp"]));
  await a.shows((i) => i.priority.effective === 70);
});

test.concurrent("forged packets change nothing and are counted; a right one does", async () => {
  await using lab = await Lab.create({ a: {}, b: {}, x: {} });
  const [na, nb] = [lab.node("a"), lab.node("b")];
  const a = new Baton(na, GLOBAL + session("b", nb.address, ["min_rx 300", "min_tx 300"])).start();
  new Baton(nb, GLOBAL + session("a", na.address, ["min_rx 300", "min_tx 300"])).start();
  const up = await bfdBecomes(a, "b", "Up");
  const { discriminator, remote } = up;
  const ends = { from: nb.address, to: na.address, destinationMac: na.mac };
  const right = { state: 0, discriminator: remote.discriminator, yourDiscriminator: discriminator };
  const injector = await Injector.on(lab.node("x"));
  injector.send(
    craftBfd(ends, { ...right, ttl: 254 }),
    craftBfd(ends, { ...right, yourDiscriminator: (discriminator ^ 1) >>> 0 }),
    craftBfd({ ...ends, from: "10.0.0.3" }, right),
    craftBfd(ends, { ...right, state: 2, yourDiscriminator: 0 }),
    craftBfd(ends, { ...right, payload: [0x20, 0, 3, 24] }),
    craftBfd(ends, { ...right, payload: [0x40, ...new Array<number>(23).fill(0)] }),
    craftBfd({ ...ends, from: "10.0.0.3" }, { ...right, yourDiscriminator: 1 }),
  );
  const after = await bfdShows(a, "b", ({ refusals }) => refusals.version === 1);
  const refusals = Object.fromEntries(Object.entries(after.refusals).filter(([, n]) => n > 0));
  expect(refusals).toEqual({ ttl: 1, discriminator: 1, address: 1, state: 1, length: 1, version: 1 });
  expect((await a.status()).daemon.counters.bfd_unmatched).toBe(1);
  expect([after.state, after.counters.down_transitions]).toEqual(["Up", 0]);
  await a.waitFor(/\(b\) ignored a BFD packet from 10\.0\.0\.2: its TTL is too low/);
  await a.waitFor(/ignored a BFD packet from 10\.0\.0\.3: it belongs to no bfd_instance/);
  injector.send(craftBfd(ends, right));
  await bfdShows(a, "b", ({ counters }) => counters.down_transitions === 1);
});

test.concurrent("a reload leaves sessions alone, changes them in place, takes them away and brings new ones", async () => {
  await using lab = await Lab.create({ a: {}, b: { ipv4: ["10.0.0.2/24", "10.0.0.12/24"] } });
  const [na, nb] = [lab.node("a"), lab.node("b")];
  const wire = await Wire.onSwitch(lab);
  const text = (sessions: string) => GLOBAL + sessions + instance({ ...V3, lines: tracking("four") });
  const four = session("four", "10.0.0.2");
  const six = session("six", nb.global, [`source_ip ${na.global}`]);
  const a = new Baton(na, text(four + six)).start();
  new Baton(
    nb,
    GLOBAL + session("four", na.address, ["source_ip 10.0.0.2"]) + session("six", na.global) +
      session("other", na.address, ["source_ip 10.0.0.12"]),
  ).start();
  await a.becomes("MASTER");
  const before = await bfdBecomes(a, "four", "Up");
  await bfdBecomes(a, "six", "Up");
  const log = await a.reload(text(four.replace("min_tx 50", "min_tx 80") + six));
  expect(log).toContain("changed in place: bfd_instance four (the session goes on)");
  await wire.next(bfdPackets({ source: na.mac, family: "ipv4", state: 3, minTx: 80_000, poll: true }));
  const after = await bfdShows(a, "four", (s) => s.transmit_ms === 80);
  expect([after.discriminator, after.counters.up_transitions, after.counters.down_transitions])
    .toEqual([before.discriminator, 1, 0]);
  // Gone: said to the neighbor, who is not heard any more. The other one has noticed nothing.
  let mark = wire.mark();
  expect(await a.reload(text(four))).toContain("removed: bfd_instance six");
  await wire.next(bfdPackets({ source: na.mac, family: "ipv6", state: 0 }), mark);
  expect((await a.status()).bfd.map(({ name }) => name)).toEqual(["four"]);
  // Another neighbor under the old name is another session; the instance sees it go down and come up.
  mark = wire.mark();
  const from = a.mark();
  expect(await a.reload(text(session("four", "10.0.0.12")))).toContain("another session begins");
  await wire.next(bfdPackets({ source: na.mac, family: "ipv4", state: 0 }), mark);
  const moved = await bfdBecomes(a, "four", "Up");
  expect(moved.neighbor).toBe("10.0.0.12");
  expect(moved.discriminator).not.toBe(before.discriminator);
  await a.waitFor(/Entering MASTER STATE/, from);
  expect(a.states()).toEqual(["FAULT", "BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER"]);
});

test.concurrent("a port in use and a source address that is not there yet are told once and waited for", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const [na, nb] = [lab.node("a"), lab.node("b")];
  const first = new Baton(na, GLOBAL + session("s", nb.address)).start();
  const late = "10.0.0.77";
  new Baton(nb, GLOBAL + session("s", na.address) + session("late", late)).start();
  await bfdBecomes(first, "s", "Up");
  const second = new Baton(na, GLOBAL + session("late", nb.address, [`source_ip ${late}`])).start();
  await second.waitFor(/BFD sessions stay down: cannot hear UDP port 3784 over IPv4 .*EADDRINUSE/);
  await second.waitFor(/\(late\) a BFD packet to 10.0.0.2 was not sent: .*EADDRNOTAVAIL/);
  expect(await first.end("SIGTERM")).toBe(0);
  await na.ip("address", "add", `${late}/24`, "dev", "eth0");
  await bfdBecomes(second, "late", "Up");
  for (const error of [/EADDRINUSE/g, /EADDRNOTAVAIL/g]) expect(second.log.match(error)).toHaveLength(1);
});

test.concurrent("a daemon that stood still reads what has come before it calls a neighbor dead", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const [na, nb] = [lab.node("a"), lab.node("b")];
  const wire = await Wire.onSwitch(lab);
  // The neighbor is patient: 100 packets of ours may be missed.
  const a = new Baton(na, GLOBAL + session("b", nb.address, ["multiplier 100"])).start();
  new Baton(nb, GLOBAL + session("a", na.address)).start();
  const up = await bfdShows(a, "b", (s) => s.state === "Up" && s.detection_ms === 150);
  a.signal("SIGSTOP");
  await wire.nth(10, bfdPackets({ source: nb.mac, state: 3 }), wire.mark());
  a.signal("SIGCONT");
  const after = await bfdShows(a, "b", (s) => s.counters.packets_rcvd > up.counters.packets_rcvd + 10);
  expect([after.state, after.counters.down_transitions]).toEqual(["Up", 0]);
});

test.concurrent("sessions that are up allocate nothing", async () => {
  await using lab = await Lab.create({ a: {} });
  const collections = async (kind: string) => {
    const words = [process.execPath, join(import.meta.dir, "../support/bfd_loop.ts"), kind];
    const program = lab.node("a").spawn(`the loop with ${kind}`, words, EXACT);
    if (await program.exited !== 0) throw new Error(program.log);
    return collectionsIn(program.log);
  };
  expect(await collections("nothing")).toBe(0);
  // And the count would show it if they did.
  expect(await collections("garbage")).toBeGreaterThan(0);
}, 90_000);
