// The finer settings of instances and of the daemon: what they mean, and what is said of those that mean nothing.
import { expect, test } from "bun:test";
import { instance, load, messages } from "./support.ts";

const UNICAST =
  "version 3\nunicast_src_ip 192.0.2.1\nunicast_peer {\n192.0.2.2 min_ttl 250 max_ttl 254\n192.0.2.3\n}\n";

test("limits of unicast peers", () => {
  const result = load(instance(`${UNICAST}unicast_ttl 42\nold_unicast_checksum never`));
  expect(messages(result)).toEqual([]);
  expect(result.config?.instances[0]).toMatchObject({
    unicastPeers: ["192.0.2.2", "192.0.2.3"],
    peerLimits: [{ peer: "192.0.2.2", min: 250, max: 254 }],
    unicastTtl: 42,
    oldChecksum: "refuse",
  });
  const odd = load(instance("unicast_peer {\n192.0.2.2 min_ttl 9 max_ttl 8\n192.0.2.3 max_ttl 256\n}\n"));
  expect(messages(odd).map((text) => text.replace(/^[\d:]+ /, ""))).toEqual([
    "warning: min_ttl 9 of the unicast peer 192.0.2.2 is above its max_ttl 8, so both are ignored; exchange them",
    'warning: max_ttl "256" is not a number from 0 to 255, so it is ignored; correct it',
  ]);
  expect(odd.config?.instances[0]?.peerLimits).toEqual([]);
});

test("what needs something else, and lacks it", () => {
  const said = (body: string, before = "") =>
    messages(load(before + instance(body))).map((text) => text.replace(/^[\d:]+ warning: /, ""));
  expect(said("timer_expired_backup 200")[0]).toContain("needs nopreempt, so it is ignored");
  expect(said("timer_expired_backup\nnopreempt")).toEqual([]);
  expect(said("old_unicast_checksum")[0]).toContain("means nothing to vrrp_instance VI_1");
  expect(said("unicast_fault_no_peer")[0]).toContain("which uses multicast");
  expect(said("vrf red")[0]).toContain("vrf of vrrp_instance VI_1 means nothing beside interface");
  expect(said("", "global_defs {\nvrrp_rx_bufs_multiplier 5\n}\n")[0]).toContain("without a policy");
  expect(said("", "global_defs {\nvrrp_netlink_cmd_rcv_bufs_force yes\n}\n")[0]).toContain(
    "means nothing without vrrp_netlink_cmd_rcv_bufs",
  );
  expect(said("", "garp_group {\ngarp_interval 1\n}\n")[0]).toContain("names no interface");
  expect(said("", "garp_group {\ninterface eth0\n}\n")[0]).toContain("has no interval");
  expect(said("", "linkbeat_interfaces {\neth0 NONE\n}\n")[0]).toContain("is no way to ask for a link");
});

test("a priority of timer_expired_backup, and its default", () => {
  const read = (line: string) => load(instance(`nopreempt\n${line}`)).config?.instances[0]?.expiredPriority;
  expect(["timer_expired_backup", "timer_expired_backup 7", "thread_timer_expired 8", ""].map(read))
    .toEqual([254, 7, 8, null]);
});

test("defaults of global_defs, and strict mode above them", () => {
  const globals = "global_defs {\nvrrp_lower_prio_no_advert\nvrrp_higher_prio_send_advert\n}\n";
  const read = (body: string) => load(globals + instance(body)).config?.instances[0];
  expect(read("")).toMatchObject({ lowerPriorityAdvert: false, higherPriorityAdvert: true });
  expect(read("lower_prio_no_advert no\nhigher_prio_send_advert no")).toMatchObject({
    lowerPriorityAdvert: true,
    higherPriorityAdvert: false,
    ownerIgnoresAdverts: false,
  });
  expect(read("strict_mode\nlower_prio_no_advert no\nowner_ignore_adverts no")).toMatchObject({
    lowerPriorityAdvert: false,
    higherPriorityAdvert: false,
    ownerIgnoresAdverts: true,
  });
});

test("an instance that is bound to a VRF", () => {
  const body = "  virtual_router_id 7\n  vrf red\n  unicast_src_ip 192.0.2.1\n";
  const text = (peers: string) =>
    `vrrp_instance V {\n${body}${peers}  virtual_ipaddress {\n    192.0.2.9/24 dev eth0\n  }\n}\n`;
  const bound = load(text("  unicast_peer {\n    192.0.2.2\n  }\n"));
  expect(messages(bound)).toEqual([]);
  expect(bound.config?.instances[0]).toMatchObject({ interface: "red", unicastPeers: ["192.0.2.2"] });
  expect(messages(load(text(""))).join("\n")).toContain("vrf of vrrp_instance V needs unicast_peer");
});

test("polled interfaces: listed ones, and those of instances", () => {
  const text = "linkbeat_use_polling\nlinkbeat_interfaces {\neth0 mii\neth7\n}\n" +
    instance("track_interface {\neth1\n}");
  expect(load(text).config?.linkbeat).toEqual([
    { interface: "eth0", method: "MII" },
    { interface: "eth7", method: null },
    { interface: "eth1", method: null },
  ]);
});
