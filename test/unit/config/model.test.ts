// What keywords mean: each case as keepalived 2.2.7 took it in its own dump, or as this project decided otherwise.
import { describe, expect, test } from "bun:test";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { instance, load, messages } from "./support.ts";

function built(body: string, before = ""): InstanceConfig | undefined {
  return load(before + instance(body)).config?.instances[0];
}

describe("election", () => {
  const cases: [body: string, state: string, priority: number, preempt: boolean][] = [
    ["", "BACKUP", 100, true],
    ["state MASTER", "MASTER", 255, true],
    ["state BACKUP", "BACKUP", 100, true],
    ["priority 255", "MASTER", 255, true],
    ["state BACKUP\n priority 255", "BACKUP", 255, true],
    ["state MASTER\n priority 150", "MASTER", 150, true],
    ["state MASTER\n priority 300", "MASTER", 100, true],
    ["state SLAVE", "BACKUP", 100, true],
    ["state SLAVE\n priority 255", "BACKUP", 255, true],
    ["state MASTER\n state BACKUP\n priority 7", "MASTER", 7, true],
    ["priority 10\n priority 20", "BACKUP", 20, true],
    ["priority 10\n priority 300", "BACKUP", 10, true],
    ["priority 100abc", "BACKUP", 100, true],
    ["priority 0x20", "BACKUP", 100, true],
    ["priority +20", "BACKUP", 20, true],
    ['priority " 20"', "BACKUP", 20, true],
    ["priority 20 30", "BACKUP", 20, true],
    ["nopreempt", "BACKUP", 100, false],
    ["nopreempt\n preempt", "BACKUP", 100, true],
    ["preempt\n nopreempt", "BACKUP", 100, false],
    ["nopreempt\n state MASTER\n priority 100", "MASTER", 100, true],
    ["nopreempt\n priority 255", "MASTER", 255, true],
  ];
  for (const [body, initialState, priority, preempt] of cases) {
    test(
      body.replaceAll("\n", ";"),
      () => expect(built(body)).toMatchObject({ initialState, priority, preempt }),
    );
  }

  test("preempt_delay needs state BACKUP and preemption", () => {
    expect(built("preempt_delay 0.5")?.preemptDelayUs).toBe(500_000);
    expect(built("preempt_delay 5\n state MASTER\n priority 9")?.preemptDelayUs).toBe(0);
    expect(built("preempt_delay 5\n nopreempt")?.preemptDelayUs).toBe(0);
    expect(built("preempt_delay 1001")?.preemptDelayUs).toBe(0);
  });
});

describe("version and interval", () => {
  const cases: [body: string, version: number, us: number][] = [
    ["", 2, 1_000_000],
    ["advert_int 0.5", 2, 1_000_000],
    ["advert_int 0.4", 2, 1_000_000],
    ["advert_int 1.5", 2, 2_000_000],
    ["advert_int 255", 2, 255_000_000],
    ["advert_int 256", 2, 1_000_000],
    ["advert_int 1s", 2, 1_000_000],
    ["advert_int 0.5\n version 3", 3, 500_000],
    ["advert_int 0.01\n version 3", 3, 10_000],
    ["advert_int 0.005\n version 3", 3, 1_000_000],
    ["advert_int 0.015\n version 3", 3, 20_000],
    ["advert_int 50\n version 3", 3, 40_950_000],
    ["advert_int 1.1234567\n version 3", 3, 1_120_000],
    ["version 4", 2, 1_000_000],
    ["version 3\n version 2", 3, 1_000_000],
  ];
  for (const [body, version, advertIntervalUs] of cases) {
    test(body.replaceAll("\n", ";"), () => expect(built(body)).toMatchObject({ version, advertIntervalUs }));
  }

  test("IPv6 is always version 3, whatever else is said", () => {
    const { config } = load(instance("version 2", "V", 1, "fe80::1"));
    expect(config?.instances[0]).toMatchObject({ version: 3, family: "ipv6", multicastGroup: "ff02::12" });
  });
});

describe("authentication", () => {
  const authentication = (block: string, body = "") =>
    built(`${body}\n authentication {\n ${block}\n }`)?.authentication;
  test("PASS and AH", () => {
    expect(authentication("auth_type PASS\n auth_pass x")).toEqual({ type: "PASS", password: "x" });
    expect(authentication("auth_pass x\n auth_type AH")).toEqual({ type: "AH", password: "x" });
  });
  test("a password is cut at 8 bytes, between characters", () => {
    expect(authentication("auth_type PASS\n auth_pass 12345678")?.password).toBe("12345678");
    expect(authentication("auth_type PASS\n auth_pass 123456789")?.password).toBe("12345678");
    expect(authentication("auth_type PASS\n auth_pass 1234567é")?.password).toBe("1234567");
    expect(authentication("auth_type PASS\n auth_pass ééééé")?.password).toBe("éééé");
  });
  test("what cannot work is no authentication", () => {
    expect(authentication("auth_type PASS")).toBeNull();
    expect(authentication("auth_pass x")).toBeNull();
    expect(authentication("auth_type pass\n auth_pass x")).toBeNull();
    expect(authentication("auth_type PASS\n auth_pass x", "version 3")).toBeNull();
  });
  test("AH does not start as master, unless it is the owner", () => {
    const ah = "authentication {\n auth_type AH\n auth_pass x\n }";
    expect(built(`state MASTER\n priority 100\n ${ah}`)?.initialState).toBe("BACKUP");
    expect(built(`state MASTER\n ${ah}`)?.initialState).toBe("MASTER");
  });
});

describe("announcements", () => {
  const globals = (body: string) => `global_defs {\n${body}\n}\n`;
  test("defaults", () => {
    expect(built("")?.announce).toEqual({
      masterDelayUs: 5_000_000,
      masterRepeat: 5,
      refreshUs: 0,
      refreshRepeat: 1,
      lowerPriorityDelayUs: 5_000_000,
      lowerPriorityRepeat: 5,
      garpIntervalUs: 0,
      gnaIntervalUs: 0,
      extraUs: 0,
      extraAll: false,
    });
  });
  test("the defaults for lower priority follow the global values, not those of the instance", () => {
    const before = globals("vrrp_garp_master_delay 2\nvrrp_garp_master_repeat 3");
    expect(built("", before)?.announce).toMatchObject({
      lowerPriorityDelayUs: 2_000_000,
      lowerPriorityRepeat: 3,
    });
    expect(built("garp_master_delay 9\n garp_master_repeat 9", before)?.announce).toMatchObject({
      masterDelayUs: 9_000_000,
      masterRepeat: 9,
      lowerPriorityDelayUs: 2_000_000,
      lowerPriorityRepeat: 3,
    });
  });
  test("no repeat is one, except after a lower priority", () => {
    expect(built("garp_master_repeat 0\n garp_master_refresh_repeat 0\n garp_lower_prio_repeat 0")?.announce)
      .toMatchObject({ masterRepeat: 1, refreshRepeat: 1, lowerPriorityRepeat: 0 });
  });
  test("global_defs may come last and more than once", () => {
    const text = instance() + globals("vrrp_garp_master_delay 2") + globals("vrrp_version 3");
    expect(load(text).config?.instances[0]).toMatchObject({
      version: 3,
      announce: { masterDelayUs: 2_000_000 },
    });
  });
});

describe("tracking", () => {
  const scripts =
    "vrrp_script s {\n script /bin/s\n weight 5 reverse\n}\nvrrp_script t {\n script /bin/t\n}\n";
  const cases: [entry: string, weight: number | null, reverse: boolean][] = [
    ["s", 5, true],
    ["s weight 7", 7, true],
    ["s weight 7 noreverse", 7, false],
    ["s weight 0", 0, true],
    ["s weight 300", 5, true],
    ["s weight -254", -253, true],
    ["t weight 3 reverse", 3, true],
    ["t", 0, false],
    ["s weight", null, false],
    ["s foo", null, false],
    ["s reverse", null, false],
    ["u", null, false],
  ];
  for (const [entry, weight, reverse] of cases) {
    test(entry, () => {
      const found = built(`track_script {\n ${entry}\n }`, scripts)?.trackScripts;
      expect(found).toEqual(weight === null ? [] : [{ script: entry.split(" ")[0] ?? "", weight, reverse }]);
    });
  }
  test("interfaces", () => {
    const body =
      "track_interface {\n eth0\n eth1\n eth2 weight 300\n eth3 weight -7 reverse\n eth1 weight 9\n }";
    expect(built(body)?.trackInterfaces).toEqual([
      { interface: "eth1", weight: 0, reverse: false },
      { interface: "eth2", weight: 0, reverse: false },
      { interface: "eth3", weight: -7, reverse: true },
    ]);
  });
  test("scripts that nobody tracks are left out, and timeouts follow the interval", () => {
    const { config } = load(
      `${scripts}vrrp_script q {\n script "/bin/q a"\n interval 0.5\n timeout 0\n}\n${
        instance("track_script {\n q\n }")
      }`,
    );
    expect(config?.scripts).toMatchObject([{
      name: "q",
      intervalUs: 500_000,
      timeoutUs: 500_000,
      rise: 1,
      fall: 1,
    }]);
  });
});

describe("addresses", () => {
  const first = (entry: string) => load(instance("", "V", 1, entry)).config?.instances[0]?.addresses[0];
  const cases: [entry: string, expected: Record<string, unknown> | undefined][] = [
    ["10.0.0.9", {
      address: "10.0.0.9",
      prefixLength: 32,
      interface: "eth0",
      scope: 0,
      broadcast: null,
      label: null,
    }],
    ["10.0.0.9/0", { prefixLength: 0 }],
    ["10.0.0.9/33", { prefixLength: 32 }],
    ["10.0.0.9/x", { prefixLength: 32 }],
    ["10.0.0.9/24 brd +", { broadcast: "10.0.0.255" }],
    ["10.0.0.9/20 broadcast +", { broadcast: "10.0.15.255" }],
    ["10.0.0.9/24 brd -", { broadcast: "10.0.0.0" }],
    ["10.0.0.9/32 brd +", { broadcast: "10.0.0.9" }],
    ["10.0.0.9/0 brd +", { broadcast: "255.255.255.255" }],
    ["10.0.0.9/24 brd 10.0.0.7", { broadcast: "10.0.0.7" }],
    ["10.0.0.9/24 scope host", { scope: 254 }],
    ["10.0.0.9/24 scope link", { scope: 253 }],
    ["10.0.0.9/24 scope site", { scope: 200 }],
    ["10.0.0.9/24 scope nowhere", { scope: 255 }],
    ["10.0.0.9/24 scope 77", { scope: 77 }],
    ["10.0.0.9/24 scope 256", { scope: 0 }],
    ["10.0.0.9/24 scope toString", { scope: 0 }],
    ["10.0.0.9/24 dev eth1 label eth1:0", { interface: "eth1", label: "eth1:0" }],
    ["10.0.0.9/24 foo bar", { address: "10.0.0.9" }],
    ["10.0.0.9 10.0.0.10", { address: "10.0.0.9" }],
    ["10.0.0.9/24 dev", undefined],
    ["10.0.0.9/24 label sixteen-letters-", undefined],
    ["10.0.0.9/24 brd foo", undefined],
    ["dev eth1 10.0.0.9", undefined],
    ["10.0.0.300", undefined],
    ["FE80:0::0:1/64", { address: "fe80::1", prefixLength: 64, family: "ipv6" }],
    ["fe80::1", { prefixLength: 128 }],
    ["fe80::1/64 scope link", { scope: 0 }],
  ];
  for (const [entry, expected] of cases) {
    test(
      entry,
      () =>
        expected === undefined
          ? expect(first(entry)).toBeUndefined()
          : expect(first(entry)).toMatchObject(expected),
    );
  }

  test("the first one decides the family, the others are left out", () => {
    const { config } = load(
      instance("virtual_ipaddress_excluded {\n 10.0.0.1\n }", "V", 1, "fe80::1\n10.0.0.9\nfe80::2"),
    );
    expect(config?.instances[0]?.addresses.map(({ address }) => address)).toEqual(["fe80::1", "fe80::2"]);
    expect(config?.instances[0]?.excludedAddresses.map(({ address }) => address)).toEqual(["10.0.0.1"]);
  });

  test("255 fit an IPv4 advert, 90 an IPv6 one; the rest is held but not announced", () => {
    const v4 = load(instance("", "V", 1, "~SEQ(i,1,2) ~SEQ(j,1,130) 10.0.${i}.$j")).config?.instances[0];
    expect([v4?.addresses.length, v4?.excludedAddresses.length]).toEqual([255, 5]);
    const v6 = load(instance("", "V", 1, "~SEQx(i,1,91) fe80::$i")).config?.instances[0];
    expect([v6?.addresses.length, v6?.excludedAddresses[0]?.address]).toEqual([90, "fe80::5b"]);
  });

  test("none: version 2 starts, version 3 does not, unless that is wanted", () => {
    const empty = (body: string) =>
      load(`vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\n${body}\n}\n`).config;
    expect(empty("")?.instances.length).toBe(1);
    expect(empty("version 3")).toBeNull();
    expect(empty("native_ipv6")).toBeNull();
    expect(empty("version 3\nno_virtual_ipaddress")?.instances.length).toBe(1);
    expect(empty("strict_mode\nno_virtual_ipaddress")).toBeNull();
  });
});

describe("where adverts come from and go to", () => {
  test("unicast peers", () => {
    expect(
      built(
        "unicast_src_ip 10.0.0.2\n unicast_peer {\n 10.0.0.3/24\n 10.0.0.3\n x\n fe80::1\n 10.0.0.4 min_ttl 5\n }",
      ),
    )
      .toMatchObject({ sourceAddress: "10.0.0.2", unicastPeers: ["10.0.0.3", "10.0.0.4"] });
  });
  test("without peers it is multicast", () => {
    expect(built("unicast_src_ip 10.0.0.2")).toMatchObject({ sourceAddress: "10.0.0.2", unicastPeers: [] });
    expect(built("mcast_src_ip 10.0.0.2")?.sourceAddress).toBe("10.0.0.2");
    expect(built("mcast_src_ip fe80::1")?.sourceAddress).toBeNull();
    expect(built("mcast_dst_ip 224.0.0.77")?.multicastGroup).toBe("224.0.0.77");
    expect(built("mcast_dst_ip 10.0.0.1")?.multicastGroup).toBe("224.0.0.18");
    expect(built("", "global_defs {\nvrrp_mcast_group4 224.0.0.5\n}\n")?.multicastGroup).toBe("224.0.0.5");
  });
});

describe("strict mode", () => {
  const cases: [body: string, expected: Partial<InstanceConfig>][] = [
    ["", { accept: false, initialState: "BACKUP" }],
    ["accept", { accept: false }],
    ["accept\n version 3", { accept: true }],
    ["state MASTER\n priority 100", { initialState: "BACKUP", accept: false }],
    ["state BACKUP\n priority 255", { initialState: "MASTER", accept: true }],
    ["preempt_delay 5", { preemptDelayUs: 0 }],
    ["down_timer_adverts 5", { downTimerAdverts: 3 }],
    ["authentication {\n auth_type PASS\n auth_pass x\n }", { authentication: null }],
  ];
  for (const [body, expected] of cases) {
    test(body.replaceAll("\n", ";"), () => expect(built(`strict_mode\n ${body}`)).toMatchObject(expected));
  }
  // shows: vrrp_instance accept
  test("packets to the addresses are accepted where that is said, in version 3", () => {
    expect(built("strict_mode\n version 3\n accept")?.accept).toBe(true);
    expect(built("strict_mode\n version 3")?.accept).toBe(false);
  });
  test("the instance wins over global_defs", () => {
    expect(built("strict_mode off", "global_defs {\nvrrp_strict\n}\n")).toMatchObject({
      strict: false,
      accept: true,
    });
    expect(built("", "global_defs {\nvrrp_strict\n}\n")).toMatchObject({ strict: true, accept: false });
  });
});

describe("baton's own and the rest", () => {
  test("vip_lease", () => {
    expect(built("")?.lease).toBe(true);
    expect(built("vip_lease off")?.lease).toBe(false);
    expect(built("", "global_defs {\nvip_lease off\n}\n")?.lease).toBe(false);
    expect(built("vip_lease", "global_defs {\nvip_lease off\n}\n")?.lease).toBe(true);
  });
  test("checksum form, skipping the address list, missed adverts, debug", () => {
    const before =
      "global_defs {\nv3_checksum_as_v2\nvrrp_skip_check_adv_addr\nvrrp_down_timer_adverts 4\n}\n";
    expect(built("", before)).toMatchObject({
      checksumForm: "message-only",
      skipCheckAdvAddr: true,
      downTimerAdverts: 4,
    });
    expect(built("v3_checksum_as_v2 off\n skip_check_adv_addr no\n down_timer_adverts 2\n debug 3", before))
      .toMatchObject({
        checksumForm: "pseudo-header",
        skipCheckAdvAddr: false,
        checkUnicastSource: false,
        downTimerAdverts: 2,
        debug: 3,
      });
  });
  test("the first of several notify scripts counts", () => {
    expect(built("notify_master /bin/a\n notify_master /bin/b")?.notify.master?.words).toEqual(["/bin/a"]);
  });
  test("an instance without identity, without name or given twice is left out, the others stay", () => {
    const text =
      `vrrp_instance {\ninterface eth0\n}\nvrrp_instance A {\n}\nvrrp_instance B {\ninterface eth0\n}\n${instance()}${
        instance("", "VI_1", 52)
      }vrrp_instance C\n`;
    const result = load(text);
    expect(result.config?.instances.map(({ name, vrid }) => [name, vrid])).toEqual([["VI_1", 51]]);
    expect(messages(result).length).toBe(6);
  });
});
