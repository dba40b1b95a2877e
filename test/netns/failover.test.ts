// Two routers, one address: election, the master's death by SIGKILL, SIGTERM and freezing, and who holds what then.
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { Client } from "../support/client.ts";
import { GLOBAL, VIP6 } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { AddressMonitor } from "../support/monitor.ts";
import { routerText, type Shape, shapes } from "../support/shapes.ts";
import type { GarpFrame, NaFrame } from "../support/packet.ts";
import { adverts, type Filter, garps, nas, Wire } from "../support/wire.ts";

/** Master_Down_Interval of a priority 100 backup, in milliseconds (RFC 5798 section 6.1). */
function masterDownMs(shape: Shape): number {
  const unit = shape.version === 2 ? 1000 : shape.interval * 1000;
  return 3 * shape.interval * 1000 + unit * (256 - 100) / 256;
}

interface Pair {
  lab: Lab;
  wire: Wire;
  a: Baton;
  b: Baton;
}

/** a has priority 150, b has 100; a is MASTER and holds the address, b is BACKUP. */
async function elected(shape: Shape): Promise<Pair> {
  const lab = await Lab.create({ a: {}, b: {}, client: {} });
  try {
    const wire = await Wire.onSwitch(lab);
    const [na, nb] = [lab.node("a"), lab.node("b")];
    const a = new Baton(na, GLOBAL + routerText(shape, na, nb, { priority: 150 })).start();
    const b = new Baton(nb, GLOBAL + routerText(shape, nb, na, { priority: 100 })).start();
    await a.becomes("MASTER");
    await b.becomes("BACKUP");
    await na.gains(shape.vip);
    await wire.next(adverts({ priority: 150 }));
    const status = await b.shows((i) => i.master?.priority === 150);
    expect(status.state).toBe("BACKUP");
    expect(status.addresses.every((entry) => !entry.held)).toBe(true);
    expect(await nb.has(shape.vip)).toBe(false);
    return { lab, wire, a, b };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

/** The announcements of the address that one takeover sends at once (garp_master_repeat). */
async function announcements(wire: Wire, shape: Shape, from: number): Promise<number[]> {
  const filter: Filter<GarpFrame | NaFrame> = shape.family === "ipv4"
    ? garps({ address: shape.vip, operation: 1 })
    : nas({ address: VIP6, to: "ff02::1" });
  await wire.nth(5, filter, from);
  return wire.since(filter, from).map((frame) => wire.frames.indexOf(frame));
}

for (const shape of shapes(0.2)) {
  describe(shape.title, () => {
    test.concurrent("SIGKILL: the backup takes over in order, the dead one's address expires", async () => {
      const { lab, wire, a, b } = await elected(shape);
      await using _ = lab;
      const monitor = await AddressMonitor.on(lab.node("a"));
      const from = wire.mark();
      await a.program.kill();
      const advert = await wire.next(adverts({ priority: 100 }), from);
      const last = wire.since(adverts({ priority: 150 })).at(-1)!;
      const announced = await announcements(wire, shape, from);
      expect((await b.instance()).counters.announcements_sent).toBeGreaterThanOrEqual(announced.length);
      expect(announced[0]!).toBeGreaterThan(wire.frames.indexOf(advert));
      await lab.node("b").gains(shape.vip);
      expect(b.log).toMatch(/Entering MASTER STATE: no advert from /);
      const overMs = (advert.timeUs - last.timeUs) / 1000 - masterDownMs(shape);
      console.log(`figure: ${shape.title}: takeover ${overMs.toFixed(1)} ms over Master_Down_Interval`);
      const gone = await monitor.first(shape.vip, true);
      expect(gone.gone).toBe(true);
      // With an interval of a second the lifetime is shorter than the Master_Down_Interval.
      if (shape.interval === 1) expect(gone.timeUs).toBeLessThan(advert.timeUs);
      expect(wire.since(adverts({ priority: 0 }))).toEqual([]);
    });

    test.concurrent("SIGTERM: priority 0, takeover, no ping lost, nothing left", async () => {
      const { lab, wire, a, b } = await elected(shape);
      await using _ = lab;
      const client = new Client(lab.node("client"), shape.vip);
      await client.answers(20);
      const monitor = await AddressMonitor.on(lab.node("a"));
      expect(a.runtimeFiles.map((file) => existsSync(file))).toEqual([true, true, true]);
      const from = wire.mark();
      const code = await a.end("SIGTERM");
      const resigned = await wire.next(adverts({ priority: 0 }), from);
      const advert = await wire.next(adverts({ priority: 100 }), from);
      expect(wire.frames.indexOf(advert)).toBeGreaterThan(wire.frames.indexOf(resigned));
      expect(wire.since(adverts({ priority: 150 }), wire.frames.indexOf(resigned))).toEqual([]);
      await b.becomes("MASTER");
      expect(b.log).toMatch(/Entering MASTER STATE: \S+ has resigned/);
      await lab.node("b").gains(shape.vip);
      const gone = await monitor.first(shape.vip, true);
      expect(gone.timeUs).toBeGreaterThan(advert.timeUs);
      await announcements(wire, shape, from);
      await client.answers(20);
      const loss = await client.stop();
      expect(loss.lost).toEqual([]);
      expect(code).toBe(0);
      expect(await lab.node("a").has(shape.vip)).toBe(false);
      expect(a.runtimeFiles.filter((file) => existsSync(file))).toEqual([]);
      console.log(
        `figure: ${shape.title}: SIGTERM, longest gap of a client's ping ${loss.gapMs.toFixed(1)} ms`,
      );
    });
  });
}

const FAST = shapes(0.1).filter((s) => s.version === 3 && !s.unicast);

for (const shape of FAST) {
  test.concurrent(`${shape.title}: a frozen master loses its address and takes it back as the higher one`, async () => {
    const { lab, wire, a, b } = await elected(shape);
    await using _ = lab;
    const [na, nb] = [lab.node("a"), lab.node("b")];
    a.signal("SIGSTOP");
    await b.becomes("MASTER");
    await na.loses(shape.vip);
    const from = wire.mark();
    a.signal("SIGCONT");
    // It is the higher one, so it must say so and announce, and the other must let go.
    await wire.next(adverts({ priority: 150 }), from);
    await b.becomes("BACKUP");
    await na.gains(shape.vip);
    await announcements(wire, shape, from);
    await nb.loses(shape.vip);
    expect((await a.instance()).state).toBe("MASTER");
  });

  test.concurrent(`${shape.title}: a frozen master that is the lower one gives way`, async () => {
    await using lab = await Lab.create({ a: {}, b: {} });
    const [na, nb] = [lab.node("a"), lab.node("b")];
    const a = new Baton(na, GLOBAL + routerText(shape, na, nb, { priority: 100 })).start();
    await a.becomes("MASTER");
    const b = new Baton(nb, GLOBAL + routerText(shape, nb, na, { priority: 150, lines: ["nopreempt"] }))
      .start();
    await b.shows((i) => i.state === "BACKUP" && i.master?.priority === 100);
    a.signal("SIGSTOP");
    await b.becomes("MASTER");
    await na.loses(shape.vip);
    const wire = await Wire.onSwitch(lab);
    const [from, states] = [a.mark(), b.states().length];
    a.signal("SIGCONT");
    await a.waitFor(/Entering BACKUP STATE/, from);
    await a.shows((i) => i.state === "BACKUP" && i.master?.priority === 150);
    await wire.nth(3, adverts({ priority: 150 }));
    expect(b.states().slice(states)).toEqual([]);
    // Late as it was, it heard the new master before it spoke.
    expect(wire.since(adverts({ priority: 100 }))).toEqual([]);
    expect(await na.has(shape.vip)).toBe(false);
    expect(wire.since(nas({ hardware: na.mac }))).toEqual([]);
    expect(wire.since(garps({ hardware: na.mac }))).toEqual([]);
  });
}
