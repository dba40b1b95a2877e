// The plan of a reload: who is added, changed in place, removed, and who hears nothing.
import { DEFAULT_FIREWALL } from "../../../src/config/firewall.ts";
import { describe, expect, test } from "bun:test";
import { plan, type Planned, type Running } from "../../../src/control/reload.ts";
import { describeSteps, renderSteps, steps } from "../../../src/control/steps.ts";
import { PLAIN_TUNING } from "../../../src/config/tuning.ts";
import type { Config, InstanceConfig, ProcessConfig } from "../../../src/config/model.ts";
import { DAEMON } from "./daemon_settings.ts";
import { plainAddress, plainInstance } from "../../../src/config/plain.ts";

function config(...instances: InstanceConfig[]): Config {
  return {
    file: "test.conf",
    daemon: DAEMON,
    global: {
      routerId: "r",
      enableScriptSecurity: false,
      useSymlinkPaths: false,
      scriptUser: null,
      supplementaryGroups: false,
      realtimePriority: null,
      maxAutoPriority: null,
      ...PLAIN_TUNING,
      disableLocalIgmp: false,
      notifications: { fifos: [], statesOnReload: false, startup: null, shutdown: null, mail: null },
      dumps: { data: null, statistics: null, json: null, jsonVersion: 1 },
      firewall: DEFAULT_FIREWALL,
    },
    instances,
    groups: [],
    scripts: [],
    statics: { addresses: [], routes: [], rules: [] },
    files: [],
    processes: [],
    bfds: [],
    interfaceDelays: [],
    linkbeat: [],
    pacing: [],
  };
}

function planned(running: Running[], wanted: Config, scripts: Record<string, boolean> = {}) {
  let id = 100;
  return plan(running, wanted, scripts, () => id++);
}

/** The plan in one line. */
function told(running: Running[], before: Config, after: Config): string {
  return describeSteps(steps(planned(running, after), running, before, after));
}

describe("plan", () => {
  const first = planned(
    [],
    config(plainInstance({ name: "A", vrid: 1 }), plainInstance({ name: "B", vrid: 2 })),
  );

  test("at the start everything is new", () => {
    expect(first.plan.add.map((e) => e.config.name)).toEqual(["A", "B"]);
    expect(first.plan.change).toEqual([]);
    expect(first.plan.remove).toEqual([]);
  });

  test("the same configuration is no change at all", () => {
    const again = planned(
      first.running,
      config(plainInstance({ name: "A", vrid: 1 }), plainInstance({ name: "B", vrid: 2 })),
    );
    expect(again.plan).toEqual({ add: [], change: [], remove: [], interfaceDelays: [], pacing: [] });
    expect(again.running.map((r) => r.id)).toEqual([100, 101]);
    expect(steps(again, first.running, config(), config())).toEqual([]);
    expect(describeSteps([])).toBe("nothing to change");
  });

  test("a new priority or a new name changes in place, with the same counters", () => {
    const next = planned(
      first.running,
      config(plainInstance({ name: "Z", vrid: 1, priority: 7 }), plainInstance({ name: "B", vrid: 2 })),
    );
    expect(next.plan.change.map((e) => e.id)).toEqual([100]);
    expect(next.plan.change[0]!.counters).toBe(first.running[0]!.counters);
    expect(next.plan.add).toEqual([]);
    expect(describeSteps(steps(next, first.running, config(), config()))).toBe(
      "changed in place: Z (name A -> Z; priority 100 -> 7)",
    );
  });

  test("another VRID or interface is another router", () => {
    const next = planned(
      first.running,
      config(
        plainInstance({ name: "A", vrid: 9 }),
        plainInstance({ name: "B", vrid: 2, interface: "eth9" }),
      ),
    );
    expect(next.plan.remove).toEqual([100, 101]);
    expect(next.plan.add.length).toBe(2);
  });

  test("another way of sending is the same router", () => {
    const next = planned(first.running, config(plainInstance({ vrid: 1, unicastPeers: ["10.0.0.9"] })));
    expect(next.plan.change.map((e) => e.id)).toEqual([100]);
    expect(next.plan.add).toEqual([]);
  });

  test("unicast instances of one VRID keep to their source, then to their name", () => {
    const unicast = (name: string, sourceAddress: string, priority = 100) =>
      plainInstance({ name, vrid: 1, unicastPeers: ["10.0.0.9"], sourceAddress, priority });
    const { running } = planned([], config(unicast("A", "10.0.0.1"), unicast("B", "10.0.0.2")));
    const ids = (...wanted: InstanceConfig[]) =>
      planned(running, config(...wanted)).running.map((r) => [r.config.name, r.id]);
    expect(ids(unicast("B", "10.0.0.2", 7), unicast("A", "10.0.0.1"))).toEqual([["B", 101], ["A", 100]]);
    expect(ids(unicast("B", "10.0.0.3"), unicast("A", "10.0.0.4"))).toEqual([["B", 101], ["A", 100]]);
    expect(ids(unicast("C", "10.0.0.2"), unicast("D", "10.0.0.1"))).toEqual([["C", 101], ["D", 100]]);
  });

  test("known script results travel with the instance", () => {
    const tracked = plainInstance({
      trackScripts: [{ script: "chk", weight: 0, reverse: false }, {
        script: "new",
        weight: 0,
        reverse: false,
      }],
    });
    expect(planned([], config(tracked), { chk: false, other: true }).plan.add[0]!.scripts).toEqual({
      chk: false,
    });
  });
});

describe("the plan for people", () => {
  const address = (text: string) => plainAddress(text, 24, "eth0");
  const before = config(
    plainInstance({ name: "A", vrid: 1, addresses: [address("10.0.0.1"), address("10.0.0.2")] }),
    plainInstance({ name: "B", vrid: 2, addresses: [address("10.0.0.3")] }),
  );
  const { running } = planned([], before);

  test("names each value with its unit, in the file's words", () => {
    const [a, b] = before.instances as [InstanceConfig, InstanceConfig];
    const after = config({ ...a, priority: 90, advertIntervalUs: 250_000, sourceAddress: "10.0.0.9" }, b);
    expect(told(running, before, after)).toBe(
      "changed in place: A (priority 100 -> 90; advert_int 1 s -> 0.25 s; source address none -> 10.0.0.9)",
    );
  });

  test("an address that changes hands is one move", () => {
    const [a, b] = before.instances as [InstanceConfig, InstanceConfig];
    const after = config({ ...a, addresses: [address("10.0.0.1")] }, {
      ...b,
      addresses: [address("10.0.0.3"), address("10.0.0.2")],
    });
    expect(told(running, before, after)).toBe(
      "changed in place: A (virtual_ipaddress -10.0.0.2/24 dev eth0), " +
        "B (virtual_ipaddress +10.0.0.2/24 dev eth0); " +
        "moved in one step: 10.0.0.2/24 dev eth0 (from A to B)",
    );
  });

  test("a password is said to change and not shown", () => {
    const [a, b] = before.instances as [InstanceConfig, InstanceConfig];
    const after = config({ ...a, authentication: { type: "PASS", password: "hunter2" } }, b);
    expect(told(running, before, after)).toBe("changed in place: A (authentication changed)");
    // A field that this file has never heard of may be a secret as well.
    const keyed = (hmacKey: string) => config({ ...a, hmacKey } as InstanceConfig, b);
    const started = planned([], keyed("swordfish")).running;
    expect(told(started, before, keyed("hunter2"))).toBe("changed in place: A (hmac_key changed)");
  });

  test("scripts and global_defs", () => {
    const script = {
      name: "chk",
      command: { words: ["/bin/true"], identity: null },
      intervalUs: 1e6,
      timeoutUs: 1e6,
      weight: 0,
      reverse: false,
      rise: 1,
      fall: 1,
      initFail: false,
    };
    const old = { ...before, scripts: [script, { ...script, name: "gone" }] };
    const next = {
      ...before,
      global: { ...before.global, realtimePriority: 60, scriptUser: { user: "alice", group: null } },
      scripts: [{ ...script, fall: 2 }, { ...script, name: "new" }],
    };
    expect(renderSteps(steps(planned(running, next), running, old, next))).toBe(
      "changed in place: vrrp_script chk\n    keeps its result\n" +
        "added: vrrp_script new\n" +
        "removed: vrrp_script gone\n" +
        "changed in place: global_defs\n    script_user changed\n    vrrp_rt_priority none -> 60\n",
    );
    expect(renderSteps([])).toBe("nothing to change\n");
  });

  test("tracked files and processes, groups, delays, and the process itself", () => {
    const file = { name: "f", path: "/a", weight: 1, reverse: false, init: null };
    const process: ProcessConfig = {
      name: "p",
      words: ["haproxy", "s3cret"],
      parameters: "none",
      fullCommand: false,
      weight: 0,
      reverse: false,
      quorum: 1,
      quorumMax: null,
      terminateDelayUs: 0,
      forkDelayUs: 0,
    };
    const group = { name: "G", members: ["A"], notify: running[0]!.config.notify };
    const old = { ...before, files: [file], processes: [process], groups: [group] };
    const next: Config = {
      ...old,
      daemon: { ...DAEMON, stopLimitUs: 2_000_000, umask: 0o27, dumpNames: true },
      files: [{ ...file, path: "/b", init: { value: 1, overwrite: false } }],
      processes: [{ ...process, words: ["haproxy", "hidden"], quorumMax: 4, forkDelayUs: 500_000 }],
      groups: [{ ...group, members: ["A", "B"] }],
      interfaceDelays: [{ interface: "eth0", downUs: 1, upUs: 1 }],
    };
    expect(renderSteps(steps(planned(running, next), running, old, next))).toBe(
      "changed in place: track_file f\n    file /a -> /b\n    init_file changed\n" +
        "changed in place: vrrp_track_process p\n    process changed\n    quorum_max none -> 4\n" +
        "    fork_delay 0 s -> 0.5 s\n" +
        "changed in place: vrrp_sync_group G\n    group +B\n" +
        "changed in place: global_defs\n    child_wait_time 5 s -> 2 s\n" +
        "    umask none -> 027, takes a restart\n    data_use_instance false -> true\n" +
        "changed in place: interface_up_down_delays\n",
    );
  });
});

test("another address of an ipvlan makes another virtual router: it speaks from there", () => {
  const made = (address: string) => {
    const own = { flag: "bridge", address, prefixLength: 32 } as const;
    const shared = { parent: "eth0", mac: "", group: null, ofAddresses: false, ipv4: true, ipv6: false };
    return config(
      plainInstance({
        interface: "ip9",
        vmacs: [{ ...shared, name: "ip9", ipvlan: own }],
        sourceAddress: address,
      }),
    );
  };
  const present = planned([], made("10.0.0.9"));
  const counts = (next: Planned) => [next.plan.add.length, next.plan.change.length, next.plan.remove.length];
  expect(counts(planned(present.running, made("10.0.0.9")))).toEqual([0, 0, 0]);
  expect(counts(planned(present.running, made("10.0.0.8")))).toEqual([1, 0, 1]);
});

test("another VMAC is another virtual router: the instance is restarted, and no address is said to move", () => {
  const vmac = (mac: string) => ({
    name: "vrrp.51",
    parent: "eth0",
    mac,
    ipvlan: null,
    group: null,
    ofAddresses: false,
    ipv4: true,
    ipv6: false,
  });
  const made = (mac: string | null) =>
    config(plainInstance(mac === null ? {} : { vmacs: [vmac(mac)], vmac: "vrrp.51", advertMac: mac }));
  const present = planned([], made("00:00:5e:00:01:33"));
  for (const mac of ["02:00:00:00:00:01", null]) {
    const next = planned(present.running, made(mac));
    expect([next.plan.add.length, next.plan.change.length, next.plan.remove.length]).toEqual([1, 0, 1]);
    expect(steps(next, present.running, made(null), made(mac)).map((s) => s.action)).toEqual([
      "add",
      "remove",
    ]);
  }
  // From where it sends is changed in place.
  const based = made("00:00:5e:00:01:33");
  based.instances[0]!.advertMac = null;
  expect(told(present.running, made("00:00:5e:00:01:33"), based)).toBe(
    "changed in place: VI_1 (MAC address of adverts 00:00:5e:00:01:33 -> none)",
  );
});
