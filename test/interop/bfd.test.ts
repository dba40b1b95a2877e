// BFD with FRR's bfdd and with keepalived as neighbors: sessions come up, go down, and move priorities.
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { BFD_REFUSALS } from "../../src/bfd/packet.ts";
import { bfdBecomes, bfdPacket, bfdPackets, bfdShows, session, tracking } from "../support/bfd.ts";
import { GLOBAL, instance } from "../support/conf.ts";
import { BATON, Baton, type Daemon, Keepalived } from "../support/daemon.ts";
import { startBfdd } from "../support/frr_bfd.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { needs } from "../support/peer.ts";
import { until } from "../support/until.ts";
import { Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1 } as const;
const HAVE_FRR = needs("bfdd", "frr");
const HAVE_KEEPALIVED = needs("keepalived", "keepalived");
const NOTHING_REFUSED = BFD_REFUSALS.map(() => 0);

// shows: bfd_instance neighbor_ip, multihop
test.concurrent.skipIf(!HAVE_FRR)(
  "FRR: IPv4, IPv6 and multihop come up and go down with the link",
  async () => {
    await using lab = await Lab.create({ a: {}, b: {} });
    const [na, nb] = [lab.node("a"), lab.node("b")];
    const wire = await Wire.onSwitch(lab);
    const a = new Baton(
      na,
      GLOBAL + session("four", nb.address) + session("six", nb.global, [`source_ip ${na.global}`]) +
        session("far", nb.address, ["multihop", `source_ip ${na.address}`]) +
        instance({ ...V3, lines: tracking("four weight 10", "six weight 20", "far weight 40") }),
    ).start();
    await startBfdd(nb, [
      { neighbor: na.address },
      { neighbor: na.global, local: nb.global },
      { neighbor: na.address, local: nb.address, multihop: true },
    ]);
    for (const name of ["four", "six", "far"]) {
      const up = await bfdBecomes(a, name, "Up");
      expect(up.remote.discriminator).not.toBe(0);
    }
    await a.shows((i) => i.priority.effective === 170);
    // Both sides have agreed on the fast intervals.
    await bfdShows(a, "four", (s) => s.transmit_ms === 50 && s.detection_ms === 150);
    for (const [port, family] of [[3784, "ipv4"], [3784, "ipv6"], [4784, "ipv4"]] as const) {
      const ours = { port, family, source: na.mac };
      const frame = await wire.next(bfdPackets({ ...ours, state: 3, poll: false, minTx: 50_000 }));
      const { hopLimit, sourcePort } = bfdPacket(frame)!;
      expect(hopLimit).toBe(255);
      expect(sourcePort).toBeGreaterThanOrEqual(49_152);
      // One session, one source port.
      expect(wire.since(bfdPackets({ ...ours, sourcePort })).length).toBe(
        wire.since(bfdPackets(ours)).length,
      );
    }
    const from = a.mark();
    const cutMs = performance.now();
    await nb.unplug();
    await a.shows((i) => i.priority.effective === 100);
    console.log(
      `three sessions down ${Math.round(performance.now() - cutMs)} ms after the cut (150 ms detection)`,
    );
    await a.waitFor(/\(four\) Entering Down state \(Local diagnostic - Control Detection Time Expired/, from);
    await nb.plug();
    await a.shows((i) => i.priority.effective === 170);
    wire.stop();
    expect(await wire.objections(`bfd && eth.src == ${na.mac}`)).toEqual([]);
  },
);

for (const family of ["ipv4", "ipv6"] as const) {
  test.concurrent.skipIf(!HAVE_KEEPALIVED)(
    `keepalived over ${family}: priorities move on both sides`,
    async () => {
      await using lab = await Lab.create({ a: {}, b: {}, r: {} });
      const [na, nb, nr] = [lab.node("a"), lab.node("b"), lab.node("r")];
      const end = (node: Node) => family === "ipv4" ? node.address : node.global;
      const tracked = (peer: Node, priority: number) =>
        GLOBAL + session("peer", end(peer)) +
        instance({ ...V3, priority, lines: tracking("peer weight 40") });
      const a = new Baton(na, tracked(nr, 100)).start();
      const b = new Keepalived(nb, tracked(nr, 120), true).start();
      await b.becomes("MASTER");
      const sessions = session("a", end(na), [`source_ip ${end(nr)}`]) +
        session("b", end(nb), [`source_ip ${end(nr)}`]);
      const unused = instance({ ...V3, vrid: 99, addresses: ["10.0.0.199/24"] });
      const r = new Keepalived(nr, GLOBAL + sessions + unused, true).start();
      await bfdBecomes(a, "peer", "Up");
      await b.waitFor(/Tracked BFD instance peer is UP/);
      await a.shows((i) => i.priority.effective === 140);
      // Both have their 40: 140 against 160.
      await b.becomes("MASTER");
      await r.end("SIGTERM");
      await bfdBecomes(a, "peer", "Down");
      await b.waitFor(/Tracked BFD instance peer is DOWN/);
      // Only baton's session comes back, then both are there.
      const onlyOurs = GLOBAL + session("a", end(na), [`source_ip ${end(nr)}`]);
      const gateway = new Baton(nr, onlyOurs).start();
      await a.becomes("MASTER");
      await b.becomes("BACKUP");
      await gateway.reload(GLOBAL + sessions);
      await b.becomes("MASTER");
      await a.becomes("BACKUP");
      // The BFD process of keepalived hears that we take a session away; it does not tell the VRRP process of it.
      const from = b.mark();
      await gateway.reload(onlyOurs);
      await b.waitFor(/\(peer\) Entering Down state/, from);
      expect(Object.values((await bfdBecomes(a, "peer", "Up")).refusals)).toEqual(NOTHING_REFUSED);
    },
  );
}

/** With its dumps in a directory of its own. */
class DumpingBaton extends Baton {
  protected override words(): string[] {
    return ["env", `TMPDIR=${this.stem}`, ...super.words()];
  }
}
class DumpingKeepalived extends Keepalived {
  protected override words(): string[] {
    return ["env", `TMPDIR=${this.stem}`, ...super.words()];
  }
}

test.concurrent.skipIf(!HAVE_KEEPALIVED)("SIGUSR1 writes of sessions what keepalived writes", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const [na, nb] = [lab.node("a"), lab.node("b")];
  const text = (peer: Node) =>
    GLOBAL + session("peer", peer.address, ["weight 10"]) +
    session("none", "10.0.0.99", ["weight -5 reverse"]) +
    instance({ ...V3, lines: tracking("peer", "none weight 7") });
  const daemons = [new DumpingBaton(na, text(nb)), new DumpingKeepalived(nb, text(na), true)] as const;
  const [a, b] = daemons;
  for (const daemon of daemons) {
    mkdirSync(directoryOf(daemon));
    daemon.start();
  }
  await bfdBecomes(a, "peer", "Up");
  await b.waitFor(/Tracked BFD instance peer is UP/);
  const written = daemons.map(async (daemon) => {
    const pid = daemon instanceof Keepalived ? await daemon.vrrpPid() : daemon.program.pid;
    process.kill(pid, "SIGUSR1");
    const path = `${directoryOf(daemon)}/keepalived.data`;
    const data = await until(
      () => existsSync(path) && /\n$/.test(readFileSync(path, "utf8")) ? readFileSync(path, "utf8") : null,
      () => `${path} was not written`,
    );
    const [, sessions = ""] = /------< VRRP Track BFDs >------\n([^]*?)------</.exec(data) ?? [];
    return [/ {3}Tracked BFDs :\n(?: {5}.*\n)*/.exec(data)?.[0] ?? "", sessions];
  });
  const [ours, theirs] = await Promise.all(written);
  expect(theirs![0]).toContain("none: weight 7");
  expect(ours).toEqual(theirs!);
});

function directoryOf(daemon: Daemon): string {
  return daemon.file.replace(/\.conf$/, "");
}

/** What differs in every run, and the lines of keepalived's own processes. */
function comparable(dump: string): string[] {
  const own = /^ {3}(fd_out|thread_|sands_|send e)| fd_in = | thread_in = /;
  const from = dump.indexOf("------< BFD Data >------");
  return dump.slice(from).replace(/(discriminator = )0x[0-9a-f]{5,8}$/gm, "$1D")
    .replace(/(last seen = )\d{10}\.(\d{6}) \(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\.\2\)$/gm, "$1T")
    .replaceAll("10.0.0.2", "10.0.0.1").split("\n").filter((line) => line !== "" && !own.test(line));
}

/** What the daemon writes of its sessions now. */
async function bfdDump(daemon: Daemon & { program: { pid: number } }): Promise<string> {
  const path = `${directoryOf(daemon)}/keepalived_bfd.data`;
  rmSync(path, { force: true });
  process.kill(daemon.program.pid, "SIGUSR1");
  return await until(
    () =>
      existsSync(path) && /never\]\n+$/.test(readFileSync(path, "utf8")) ? readFileSync(path, "utf8") : null,
    () => `${path} was not written`,
  );
}

test.concurrent.skipIf(!HAVE_KEEPALIVED)("keepalived_bfd.data is keepalived's", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const [na, nb] = [lab.node("a"), lab.node("b")];
  // The same for both, so that each says of itself what the other says of it.
  const text = ({ address: source }: Node, { address: neighbor }: Node) =>
    GLOBAL +
    session("near", neighbor, [
      `source_ip ${source}`,
      "min_rx 60",
      "min_tx 80",
      "idle_tx 2000",
      "max_hops 3",
    ]) +
    session("lone", "10.0.0.9", ["ttl 60"]) +
    session("six", "2001:db8:1::9", ["passive", "hoplimit 64"]) +
    instance({ ...V3, lines: tracking("near weight 10") });
  const [a, b] = [new DumpingBaton(na, text(na, nb)), new DumpingKeepalived(nb, text(nb, na), true)];
  for (const daemon of [a, b]) {
    mkdirSync(directoryOf(daemon));
    daemon.start();
  }
  await bfdBecomes(a, "near", "Up");
  await b.waitFor(/Tracked BFD instance near is UP/);
  await bfdShows(a, "near", (s) => s.transmit_ms === 80 && s.detection_ms === 240);
  await b.waitFor(/Detection time is 240000 us/);
  const written = [a, b].map(async (daemon) => {
    let dump = await bfdDump(daemon);
    await daemon.waitFor(/Printing BFD data for process\(\d+\) on signal/);
    // The intervals count as soon as they are known; the answer to the poll for them may still be on its way.
    while (/^ {3}poll,/m.test(dump)) dump = await bfdDump(daemon);
    return dump;
  });
  const [ours = "", theirs = ""] = await Promise.all(written);
  expect(ours).toStartWith("------< Global definitions >------");
  expect(comparable(ours)).toEqual(comparable(theirs));
  expect(comparable(ours).filter((line) => line.includes("BFD Instance"))).toHaveLength(3);
});

test.concurrent.skipIf(!HAVE_KEEPALIVED)(
  "-B runs no session: what tracks one is at fault, and no dump is written",
  async () => {
    await using lab = await Lab.create({ a: {}, b: {} });
    const [na, nb] = [lab.node("a"), lab.node("b")];
    const wire = await Wire.onSwitch(lab);
    const text = (peer: Node) =>
      GLOBAL + session("peer", peer.address) + instance({ ...V3, lines: tracking("peer") });
    symlinkSync(BATON, lab.path("keepalived"));
    const live = async (node: Node, peer: Node, program: string) => {
      const folder = lab.path(`dumps-${node.name}`);
      mkdirSync(folder);
      writeFileSync(`${folder}/k.conf`, text(peer));
      const pids = ["-p", "-r", "-b"].flatMap((option) => [option, `${folder}/pid${option}`]);
      const words = [program, "-nlDB", "-f", `${folder}/k.conf`, ...pids];
      const daemon = node.spawn(`keepalived -B on ${node.name}`, ["env", `TMPDIR=${folder}`, ...words]);
      await daemon.waitFor(/\(VI_1\) entering FAULT state/i);
      await daemon.waitFor(/Startup complete|\(VI_1\) Entering FAULT/);
      process.kill(Number(readFileSync(`${folder}/pid-p`, "utf8")), "SIGUSR1");
      await until(() => existsSync(`${folder}/keepalived.data`), () => `no dump\n${daemon.lines.join("\n")}`);
      expect(existsSync(`${folder}/keepalived_bfd.data`)).toBe(false);
      expect(daemon.lines.filter((line) => /BFD data|Entering (Up|Down) state/.test(line))).toEqual([]);
      expect(await daemon.end("SIGTERM")).toBe(0);
    };
    await Promise.all([live(na, nb, lab.path("keepalived")), live(nb, na, "keepalived")]);
    expect(wire.since(bfdPackets({}))).toEqual([]);
  },
);
