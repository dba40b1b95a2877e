// Interfaces on interfaces, as the daemon in the image makes and uses them: ipvlans on a bond of two cards, a VMAC on
// a VLAN of the bond in a VRF, a virtual route there; a cable is pulled, somebody changes the interfaces, the daemon is
// killed, its file changes, the machine restarts.
import { expect, test } from "bun:test";
import { GLOBAL, instance, type InstanceText } from "../support/conf.ts";
import { advert4 } from "../support/craft.ts";
import { adverts, garps, nas } from "../support/wire.ts";
import { TEST_MS } from "./limits.ts";
import type { Machine } from "./machine.ts";
import { Rack } from "./rack.ts";
import { ready } from "./ready.ts";
import type { Segment } from "./segment.ts";
import { echoRequest, holders, requests } from "./station.ts";

const HARDWARE = "52:54:00:00:00:01";
const SECOND = "52:54:00:00:00:02";
/** What the bond gets at the end. */
const CHANGED = "52:54:00:00:00:03";
const BASE = "10.0.0.1";
/** What ipvlans hear of a broadcast waits in a queue of their own: one of them is asked for the order. */
const LAST = { address: "10.0.0.8" };
const VLAN = 7;
const OTHER_VLAN = 8;
/** Of VI_VRF and VI_MOVED: RFC 9568 section 7.3. */
const VIRTUAL = "00:00:5e:00:01:39";
const OTHER_VIRTUAL = "00:00:5e:00:01:3b";

/** A line of an instance: an advert of lower priority, heard by a master, makes somebody take this step of the bed. */
function onLowerPriority(step: string): string {
  return `notify_master_rx_lower_pri "/bed/init ${step}" 0`;
}

/** Changes the address of an ipvlan. */
const RELOAD: InstanceText = {
  name: "VI_RELOAD",
  vrid: 61,
  addresses: ["10.0.0.104/24"],
  lines: [onLowerPriority("step configure second.conf")],
};

const INSTANCES: InstanceText[] = [
  {
    name: "VI_BOND",
    vrid: 51,
    addresses: ["10.0.0.100/24"],
    lines: [onLowerPriority("kill-parent")],
  },
  {
    name: "VI_IPVLAN",
    vrid: 53,
    addresses: ["10.0.0.101/24"],
    lines: ["use_ipvlan ipv53 10.0.0.9", onLowerPriority("step down ipv53")],
  },
  {
    name: "VI_UNICAST",
    vrid: 54,
    addresses: ["10.0.0.102/24"],
    lines: [
      ...["use_ipvlan ipv54 10.0.0.8", "unicast_peer {", "10.0.0.2", "}"],
      onLowerPriority("step delete ipv53"),
    ],
  },
  { name: "VI_6", vrid: 55, version: 3, addresses: ["fe80::100/64"], lines: ["use_ipvlan ipv55"] },
  {
    name: "VI_VRF",
    vrid: 57,
    interface: `lag0.${VLAN}`,
    addresses: ["10.0.7.100/24"],
    lines: [
      ...["use_vmac", "virtual_routes {", `172.16.0.0/16 via 10.0.7.2 dev lag0.${VLAN} vrf vrf30`, "}"],
      onLowerPriority(`step enslave lag0.${OTHER_VLAN} vrf30`),
    ],
  },
  // Its interface is down and in no VRF at first.
  {
    name: "VI_MOVED",
    vrid: 59,
    interface: `lag0.${OTHER_VLAN}`,
    addresses: ["10.0.8.100/24"],
    lines: [
      "use_vmac",
      "virtual_routes {",
      `172.17.0.0/16 via 10.0.8.2 dev lag0.${OTHER_VLAN} vrf vrf30`,
      "}",
      onLowerPriority(`step hardware lag0 ${CHANGED}`),
    ],
  },
  {
    name: "VI_SPARE",
    vrid: 60,
    addresses: ["10.0.0.103/24"],
    lines: [onLowerPriority(`step up lag0.${OTHER_VLAN}`)],
  },
  RELOAD,
  // Its interface has a VMAC.
  {
    name: "VI_BUSY",
    vrid: 58,
    interface: `lag0.${VLAN}`,
    addresses: ["10.0.7.101/24"],
    lines: ["use_ipvlan 10.0.7.9"],
  },
];
const CONFIGURATION = GLOBAL + INSTANCES.map((text) => instance({ interface: "lag0", ...text })).join("\n");
const MASTERS = ["VI_BOND", "VI_IPVLAN", "VI_UNICAST", "VI_6", "VI_VRF", "VI_SPARE", RELOAD.name!];

const STEPS = [
  // The module makes a bond0 of its own.
  ...["up lo", "link lag0 bond", "enslave eth0 lag0", "enslave eth1 lag0", "up lag0"],
  ...[`address lag0 ${BASE}/24`, "link vrf30 vrf 30", "up vrf30"],
  ...[`link lag0.${VLAN} vlan lag0 ${VLAN}`, `enslave lag0.${VLAN} vrf30`, `up lag0.${VLAN}`],
  `address lag0.${VLAN} 10.0.7.1/24`,
  ...[`link lag0.${OTHER_VLAN} vlan lag0 ${OTHER_VLAN}`, `address lag0.${OTHER_VLAN} 10.0.8.1/24`],
];

/** An untagged frame as one of the VLAN (IEEE 802.1Q: the tag stands behind both hardware addresses). */
function tagged(plain: Uint8Array, vlan = VLAN): Uint8Array {
  return new Uint8Array([...plain.subarray(0, 12), 0x81, 0, 0, vlan, ...plain.subarray(12)]);
}

/** Adverts of all instances leave; the ipvlans' from their own addresses, that of the VMAC tagged and from its own. */
async function speak(segment: Segment, from: number, machine: string): Promise<void> {
  const seen = async (want: Parameters<typeof adverts>[0]) => {
    const filter = adverts(want);
    const there = await segment.next(
      { ...filter, matches: (f): f is never => filter.matches(f) && via(f) },
      from,
    );
    return (there as { vlan: number | null }).vlan;
  };
  const via = (frame: unknown) => (frame as { machine: string }).machine === machine;
  expect(await seen({ vrid: 51, from: BASE, source: HARDWARE })).toBeNull();
  expect(await seen({ vrid: 53, from: "10.0.0.9", source: HARDWARE })).toBeNull();
  expect(await seen({ vrid: 55, family: "ipv6", source: HARDWARE })).toBeNull();
  expect(await seen({ vrid: 57, from: "10.0.7.1", source: VIRTUAL })).toBe(VLAN);
}

/** Each address is answered for once, with the card's hardware address: own ones, and virtual ones of a Master. */
async function answersFor(
  segment: Segment,
  addresses: Record<string, boolean>,
  hardware = HARDWARE,
): Promise<void> {
  for (const [address, held] of Object.entries(addresses)) {
    expect([address, await holders(segment, address, [LAST])]).toEqual([address, held ? [hardware] : []]);
  }
}

/** The first card loses its link: the bond goes on with the second one, and nobody changes its state. */
async function losesCable(router: Machine, segment: Segment): Promise<void> {
  const [line, frame] = [router.mark(), segment.mark()];
  await router.pullCable();
  // The kernel announces the addresses that stand on the bond itself.
  const told = await segment.next(garps({ address: "10.0.0.100", hardware: HARDWARE }), frame);
  expect(told.machine).toBe("router-2");
  await speak(segment, frame, "router-2");
  expect(router.console.split("\n").slice(line).filter((each) => each.includes("Entering"))).toEqual([]);
}

/** An ipvlan is deleted, and taken down: it comes back with its addresses. */
async function comesBack(router: Machine, segment: Segment): Promise<void> {
  const line = router.mark();
  const worse = { from: "10.0.0.2", priority: 1 };
  segment.send(advert4({ ...worse, vrid: 54, to: LAST.address, destinationMac: HARDWARE }));
  await router.says(/Interface ipv53 deleted/, line);
  await router.says(/Success creating ipvlan interface ipv53/, line);
  await segment.next(garps({ address: "10.0.0.101", hardware: HARDWARE }), segment.mark());
  await answersFor(segment, { "10.0.0.9": true, "10.0.0.101": true });
  const deleted = router.mark();
  segment.send(advert4({ ...worse, vrid: 53, addresses: ["10.0.0.101"] }));
  await router.says(/Netlink reports ipv53 down/, deleted);
  await segment.next(adverts({ vrid: 53, from: "10.0.0.9", source: HARDWARE }), segment.mark());
  await answersFor(segment, { "10.0.0.9": true, "10.0.0.101": true });
}

/** The interface below a VMAC is put into a VRF, and then taken up: the VMAC has gone with it. */
async function movesToVrf(router: Machine, segment: Segment): Promise<void> {
  const line = router.mark();
  segment.send(tagged(advert4({ from: "10.0.7.2", priority: 1, vrid: 57, addresses: ["10.0.7.100"] })));
  await router.says(/vrrp\.59 is in the VRF vrf30, as lag0\.8 is/, line);
  segment.send(advert4({ from: "10.0.0.2", priority: 1, vrid: 60, addresses: ["10.0.0.103"] }));
  await router.enters("MASTER", "VI_MOVED", line);
  await segment.next(garps({ address: "10.0.8.100", hardware: OTHER_VIRTUAL }));
  // The routes are there before the next advert is due.
  await segment.next(adverts({ vrid: 59 }), segment.mark());
  const echo = { to: "10.0.8.100", toHardware: OTHER_VIRTUAL, from: "172.17.0.9" };
  segment.send(tagged(echoRequest(echo), OTHER_VLAN));
  expect((await segment.next(requests("10.0.8.1", "10.0.8.2"))).vlan).toBe(OTHER_VLAN);
}

/** The bond gets another hardware address: its ipvlans have it too, and nobody changes his state. */
async function changesHardware(router: Machine, segment: Segment): Promise<void> {
  await router.becomes("MASTER", "VI_MOVED");
  const [line, frame] = [router.mark(), segment.mark()];
  const worse = advert4({ from: "10.0.8.2", priority: 1, vrid: 59, addresses: ["10.0.8.100"] });
  segment.send(tagged(worse, OTHER_VLAN));
  await segment.next(adverts({ vrid: 53, from: "10.0.0.9", source: CHANGED }), frame);
  await router.says(/\(VI_MOVED\) notify_master_rx_lower_pri script .* exited with status 0/, line);
  const later = segment.mark();
  await segment.next(adverts({ vrid: 53, from: "10.0.0.9", source: CHANGED }), later);
  const since = router.console.split("\n").slice(line);
  expect(since.filter((each) => /ipv53|\(VI_IPVLAN\)/.test(each))).toEqual([]);
}

/** The file gives an ipvlan another address: it is made anew with that, and the other instances hear nothing of it. */
async function reloads(router: Machine, segment: Segment): Promise<void> {
  await router.becomes("MASTER", RELOAD.name);
  const line = router.mark();
  segment.send(advert4({ from: "10.0.0.2", priority: 1, vrid: 61, addresses: ["10.0.0.104"] }));
  await router.says(/Success removing ipvlan interface ipv53/, line);
  await router.says(/Success creating ipvlan interface ipv53/, line);
  await router.enters("MASTER", "VI_IPVLAN", line);
  await segment.next(adverts({ vrid: 53, from: "10.0.0.7", source: CHANGED }));
  await answersFor(segment, { "10.0.0.7": true, "10.0.0.9": false }, CHANGED);
  const entered = router.console.split("\n").slice(line).filter((each) => each.includes("Entering"));
  expect(entered.filter((each) => !each.includes("(VI_IPVLAN)"))).toEqual([]);
}

test.skipIf(!ready("x64"))("ipvlans, a bond, and a VMAC in a VRF", async () => {
  await using rack = new Rack();
  const { segment } = rack;
  const router = rack.add({
    name: "router",
    arch: "x64",
    hardware: HARDWARE,
    second: SECOND,
    configuration: CONFIGURATION,
    bed: {
      modules: ["virtio_net", "bonding", "vrf", "8021q", "macvlan", "ipvlan"],
      steps: STEPS,
      files: { "second.conf": CONFIGURATION.replace("ipv53 10.0.0.9", "ipv53 10.0.0.7") },
    },
  }).start();
  await Promise.all(MASTERS.map((name) => router.becomes("MASTER", name)));
  expect(await router.enters("FAULT", "VI_BUSY")).toContain(
    `no ipvlan vrrp.58: cannot make an ipvlan on lag0.${VLAN} (netlink: EBUSY): take away its VMACs and macvlans`,
  );
  await speak(segment, 0, "router");
  await segment.next(garps({ address: "10.0.0.101", hardware: HARDWARE }));
  await segment.next(nas({ address: "fe80::100", hardware: HARDWARE }));
  await answersFor(segment, {
    "10.0.0.9": true,
    "10.0.0.100": true,
    "10.0.0.101": true,
    "10.0.0.102": true,
  });

  // What comes to the VMAC is answered by the VRF's routes: the virtual one, and no other, leads to who asks.
  const echo = { to: "10.0.7.100", toHardware: VIRTUAL, from: "172.16.0.9" };
  segment.send(tagged(echoRequest(echo)));
  expect((await segment.next(requests("10.0.7.1", "10.0.7.2"))).vlan).toBe(VLAN);

  await losesCable(router, segment);
  await comesBack(router, segment);
  await movesToVrf(router, segment);

  // Adverts are heard on the ipvlans: those to the group, and those to the own address.
  const better = { from: "10.0.0.2", priority: 200 };
  segment.send(advert4({ ...better, vrid: 53, addresses: ["10.0.0.101"] }));
  await router.becomes("BACKUP", "VI_IPVLAN");
  const unicast = { ...better, to: "10.0.0.8", destinationMac: HARDWARE };
  segment.send(advert4({ ...unicast, vrid: 54, addresses: ["10.0.0.102"] }));
  await router.becomes("BACKUP", "VI_UNICAST");
  // A Backup speaks for its own address alone.
  segment.send(advert4({ ...better, vrid: 53, addresses: ["10.0.0.101"] }));
  await answersFor(segment, { "10.0.0.9": true, "10.0.0.101": false, "10.0.0.102": false });

  // Killed, the daemon leaves its ipvlans; the next start makes them anew.
  const line = router.mark();
  segment.send(advert4({ ...better, priority: 1, vrid: 51 }));
  await router.says(/has died of signal 9 and is started again/, line);
  await router.says(/removed the interface ipv53: left behind by an earlier run/, line);
  await router.says(/Success creating ipvlan interface ipv53/, line);
  const frame = segment.mark();
  await router.enters("MASTER", "VI_IPVLAN", line);
  await speak(segment, frame, "router-2");

  await changesHardware(router, segment);
  await reloads(router, segment);

  const end = router.mark();
  await router.pressCtrlAltDel();
  await router.says(/Success removing ipvlan interface ipv53/, end);
  expect(await router.ended()).toBe(0);
}, TEST_MS);
