// BFD with FRR's bfdd and with keepalived as neighbors: sessions come up, go down, and move priorities.
import { expect, test } from "bun:test";
import { bfdBecomes, bfdPacket, bfdPackets, bfdShows, session, tracking } from "../support/bfd.ts";
import { GLOBAL, instance } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { startBfdd } from "../support/frr_bfd.ts";
import { Lab } from "../support/lab.ts";
import { needs } from "../support/peer.ts";
import { Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1 } as const;
const HAVE_FRR = needs("bfdd", "frr");

// shows: bfd_instance neighbor_ip, source_ip, multihop
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
