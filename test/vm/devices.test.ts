// What the bed can offer to tests of routers: ip_vs, dummy, VRF and VLAN, as the daemon in the image sees them.
import { expect, test } from "bun:test";
import type { Arch } from "../../native/static/machine.ts";
import { instance } from "../support/conf.ts";
import { advert4 } from "../support/craft.ts";
import { adverts } from "../support/wire.ts";
import { TEST_MS } from "./limits.ts";
import { Rack } from "./rack.ts";
import { ready } from "./ready.ts";
import { requests } from "./station.ts";

const VLAN = 5;
const HARDWARE = "52:54:00:00:00:01";

/** A check that fails while a file of the kernel is missing; it runs as nobody, whom an image need not list. */
function exists(name: string, path: string): string {
  return `vrrp_script ${name} {\n  script "/bed/init exists ${path}"\n  interval 1\n}\n`;
}

const CONFIGURATION = [
  exists("ip_vs", "/proc/net/ip_vs"),
  exists("no_such", "/proc/net/no_such"),
  instance({
    name: "VI_IPVS",
    vrid: 51,
    addresses: ["10.0.0.100/24"],
    lines: ["track_script {", "ip_vs", "}"],
  }),
  instance({
    name: "VI_NONE",
    vrid: 52,
    addresses: ["10.0.0.101/24"],
    lines: ["track_script {", "no_such", "}"],
  }),
  instance({ name: "VI_DUMMY", vrid: 53, interface: "lan0", addresses: ["10.0.1.100/24"] }),
  instance({ name: "VI_VRF", vrid: 54, interface: "lan1", addresses: ["10.0.2.100/24"] }),
  instance({
    name: "VI_BOUND",
    vrid: 56,
    addresses: ["10.0.6.100/24 dev eth0.6"],
    lines: ["vrf vrf20", "unicast_src_ip 10.0.6.1", "unicast_peer {", "10.0.6.2", "}"],
  }).replace("  interface eth0\n", ""),
  instance({ name: "VI_LACKS", vrid: 57, addresses: ["10.0.0.102/24"], lines: ["use_ipvlan 10.0.0.9"] }),
  instance({ name: "VI_VLAN", vrid: 55, interface: "eth0.5", addresses: ["10.0.5.100/24"] }),
].join("\n");

const STEPS = [
  ...["up lo", "up eth0", "address eth0 10.0.0.1/24"],
  ...["link lan0 dummy", "up lan0", "address lan0 10.0.1.1/24"],
  ...["link vrf10 vrf 10", "up vrf10", "link lan1 dummy", "enslave lan1 vrf10", "up lan1"],
  "address lan1 10.0.2.1/24",
  ...["link vrf20 vrf 20", "up vrf20", "link eth0.6 vlan eth0 6", "enslave eth0.6 vrf20", "up eth0.6"],
  "address eth0.6 10.0.6.1/24",
  ...[`link eth0.${VLAN} vlan eth0 ${VLAN}`, `up eth0.${VLAN}`, `address eth0.${VLAN} 10.0.5.1/24`],
];

/** A unicast advert of higher priority for VI_BOUND, on its VLAN. */
function better(hardware: string): Uint8Array {
  const addressing = { from: "10.0.6.2", to: "10.0.6.1", destinationMac: hardware };
  const plain = advert4({ ...addressing, vrid: 56, addresses: ["10.0.6.100"] });
  // IEEE 802.1Q: the tag stands behind both hardware addresses.
  return new Uint8Array([...plain.subarray(0, 12), 0x81, 0, 0, 6, ...plain.subarray(12)]);
}

for (const arch of ["x64", "arm64"] satisfies Arch[]) {
  // shows: vrrp_instance vrf
  test.skipIf(!ready(arch))(
    `${arch}: instances on dummy, VRF and VLAN links, and one that asks for ip_vs`,
    async () => {
      await using rack = new Rack();
      const router = rack.add({
        name: "router",
        arch,
        hardware: HARDWARE,
        configuration: CONFIGURATION,
        bed: {
          modules: ["virtio_net", "dummy", "vrf", "8021q", "ip_vs"],
          steps: STEPS,
        },
      }).start();
      for (const name of ["VI_DUMMY", "VI_VRF", "VI_VLAN", "VI_IPVS", "VI_BOUND"]) {
        await router.becomes("MASTER", name);
      }
      // The check tells the one file from the other.
      await router.becomes("FAULT", "VI_NONE");
      expect(router.console).not.toContain("(VI_NONE) Entering MASTER");
      // Nobody has loaded the module, and the others go on.
      expect(await router.enters("FAULT", "VI_LACKS")).toContain(
        "no ipvlan vrrp.57: cannot make an ipvlan on eth0 (netlink: EOPNOTSUPP): load the kernel module ipvlan, or " +
          "write use_vmac",
      );
      // The wire agrees: the VLAN's adverts are tagged, the others are not, and the dummies' stay inside.
      const tagged = await rack.segment.next(adverts({ vrid: 55 }));
      expect(tagged.vlan).toBe(VLAN);
      expect((await rack.segment.next(adverts({ vrid: 51 }))).vlan).toBeNull();
      const inside = [53, 54].flatMap((vrid) => rack.segment.since(adverts({ vrid })));
      expect(inside).toEqual([]);
      // The instance that is bound to a VRF alone hears through its interfaces, and is routed by its table: only
      // there a way leads to the peer, whom ARP asks for.
      await rack.segment.next(requests("10.0.6.1", "10.0.6.2"));
      rack.segment.send(better(HARDWARE));
      await router.becomes("BACKUP", "VI_BOUND");
    },
    TEST_MS,
  );
}
