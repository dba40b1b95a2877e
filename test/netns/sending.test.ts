// With what and to whom an instance speaks, and which lack of it is a fault.
import { expect, test } from "bun:test";
import { instance } from "../support/conf.ts";
import { advert4, Injector } from "../support/craft.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { adverts, Wire } from "../support/wire.ts";

/** One of several virtual routers on eth0, each with an address of its own. */
function router(vrid: number, lines: string[]): string {
  const addresses = [`10.0.0.${vrid}/24`];
  return instance({ name: `VI_${vrid}`, vrid, version: 3, interval: 0.1, addresses, lines });
}

// shows: vrrp_instance unicast_ttl, unicast_fault_no_peer
// shows: vrrp_instance/unicast_peer-entry min_ttl, max_ttl
test.concurrent("unicast: TTL of what is sent and heard, and no peers at all", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  const wire = await Wire.onSwitch(lab);
  const unicast = (...peers: string[]) => ["unicast_src_ip 10.0.0.1", "unicast_peer {", ...peers, "}"];
  const a = new Baton(
    lab.node("a"),
    [
      router(51, ["unicast_ttl 42", ...unicast("10.0.0.2 min_ttl 250 max_ttl 253")]),
      router(52, ["unicast_fault_no_peer", ...unicast()]),
    ].join(""),
  ).start();
  expect(await a.waitFor(/\(VI_52\) Entering FAULT/)).toContain("Cannot use unicast without any peers");
  await a.becomes("MASTER", "VI_51");
  expect(await wire.next(adverts({ vrid: 51 }))).toMatchObject({ to: "10.0.0.2", hopLimit: 42 });
  const injector = await Injector.on(lab.node("x"));
  const better = (hopLimit: number) =>
    advert4({
      version: 3,
      interval: 10,
      priority: 200,
      addresses: ["10.0.0.51"],
      from: "10.0.0.2",
      to: "10.0.0.1",
      destinationMac: "02:00:00:00:00:01",
      hopLimit,
    });
  injector.send(better(249), better(254));
  await a.shows((i) => i.refusals.peer_ttl === 2, "VI_51");
  expect(a.states("VI_51")).toEqual(["BACKUP", "MASTER"]);
  injector.send(better(250));
  await a.becomes("BACKUP", "VI_51");
  await a.becomes("MASTER", "VI_51");
  injector.send(better(253));
  await a.becomes("BACKUP", "VI_51");
});

// shows: vrrp_instance track_src_ip, dont_track_primary
test.concurrent("the source that is tracked, and the interface that is not", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const a = new Baton(
    node,
    [
      router(51, ["mcast_src_ip 10.0.0.200", "track_src_ip"]),
      router(52, ["mcast_src_ip 10.0.0.200"]),
      router(53, ["dont_track_primary"]),
    ].join(""),
  ).start();
  await a.becomes("MASTER", "VI_52");
  await a.becomes("MASTER", "VI_53");
  expect(a.states("VI_51")).toEqual(["FAULT"]);
  await node.ip("address", "add", "10.0.0.200/24", "dev", "eth0");
  await a.becomes("MASTER", "VI_51");
  await node.unplug();
  await a.becomes("FAULT", "VI_51");
  await a.becomes("FAULT", "VI_52");
  expect(a.states("VI_53")).toEqual(["BACKUP", "MASTER"]);
  await until(
    async () => (await a.instance("VI_53")).state === "MASTER",
    () => "VI_53 is no master any more",
  );
});
