// YAML: the same model as keepalived.conf, units, places, and strictness.
import { describe, expect, test } from "bun:test";
import { type LoadResult } from "../../../src/config/load.ts";
import { load, messages } from "./support.ts";

function yaml(text: string): LoadResult {
  return load(text, {}, { path: "/etc/baton/baton.yaml" });
}

/** An instance with more keywords, one a line. */
function instance(...lines: string[]): string {
  const all = ["interface: eth0", "virtual_router_id: 51", "virtual_ipaddress: [192.0.2.10/24]", ...lines];
  return `vrrp_instance:\n  VI_1:\n${all.map((line) => `    ${line}\n`).join("")}`;
}

describe("the same model", () => {
  test("as keepalived.conf", () => {
    const conf = load(`global_defs { router_id a
      vrrp_version 3
      }
      vrrp_script s { script "/bin/x 'a b' c"
      weight -5 reverse
      }
      vrrp_instance VI_1 {
        interface eth0
        virtual_router_id 51
        advert_int 0.1
        nopreempt
        unicast_peer { 10.0.0.3
          10.0.0.4 }
        virtual_ipaddress { 192.0.2.10/24 dev eth1 label x brd +
          192.0.2.11 }
        track_script { s weight 7 }
        track_interface { eth1 weight 3 reverse }
        notify "/bin/n" nobody nogroup
      }`);
    const same = yaml(`global_defs: { router_id: a, vrrp_version: 3 }
vrrp_script: { s: { script: "/bin/x 'a b' c", weight: -5 reverse } }
vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    advert_int: 100ms
    nopreempt: true
    unicast_peer: [10.0.0.3, 10.0.0.4]
    virtual_ipaddress:
      192.0.2.10/24: { dev: eth1, label: x, brd: + }
      192.0.2.11:
    track_script: [s weight 7]
    track_interface: { eth1: weight 3 reverse }
    notify: { command: /bin/n, user: nobody nogroup }
`);
    expect(messages(conf)).toEqual([]);
    expect(messages(same)).toEqual([]);
    expect({ ...same.config, file: "" } as unknown).toEqual({ ...conf.config, file: "" });
  });
});

describe("values", () => {
  test("times have units", () => {
    for (
      const [text, us] of [["100ms", 100_000], ["1s", 1e6], ["2", 2e6], ["0.5", 500_000], ["1 m", 60e6], [
        ".25s",
        250_000,
      ]] as const
    ) {
      const { config } = yaml(instance("version: 3", `preempt_delay: ${text}`));
      expect(config?.instances[0]?.preemptDelayUs, text).toBe(us);
    }
    expect(yaml(instance("garp_master_refresh: 500ms")).config?.instances[0]?.announce.refreshUs).toBe(
      500_000,
    );
    expect(yaml(instance("garp_master_refresh: 1h")).config?.instances[0]?.announce.refreshUs).toBe(3_600e6);
  });

  test("keywords without argument are true, false or empty", () => {
    for (
      const [line, preempt] of [
        ["nopreempt: true", false],
        ["nopreempt:", false],
        ["nopreempt: false", true],
        ["preempt: false", false],
        ["preempt: true", true],
        ["nopreempt: off", true],
      ] as const
    ) {
      expect(yaml(instance(line)).config?.instances[0]?.preempt, line).toBe(preempt);
    }
  });

  test("text stays as it is written", () => {
    const authentication = (pass: string) =>
      yaml(instance(`authentication: { auth_type: PASS, auth_pass: ${pass} }`)).config?.instances[0]
        ?.authentication?.password;
    expect(authentication("01234")).toBe("01234");
    expect(authentication("1e3")).toBe("1e3");
    expect(authentication("true")).toBe("true");
    expect(authentication("'a b'")).toBe("a b");
    expect(authentication('"\\u00e9"')).toBe("é");
  });

  test("anchors and aliases work", () => {
    const text =
      "vrrp_instance:\n  A: &a\n    interface: eth0\n    virtual_router_id: 1\n    virtual_ipaddress: &v [192.0.2.1]\n" +
      "  B:\n    interface: eth1\n    virtual_router_id: 1\n    virtual_ipaddress: *v\n";
    expect(yaml(text).config?.instances.map(({ addresses }) => addresses[0]?.address)).toEqual([
      "192.0.2.1",
      "192.0.2.1",
    ]);
  });

  test("an empty file and an empty block are no error", () => {
    for (const text of ["", "# nothing\n", "---\n", "vrrp_instance: {}\n", "global_defs: {}\n"]) {
      expect(yaml(text).config?.instances, text).toEqual([]);
    }
    expect(yaml(instance("unicast_peer: []", "track_script:")).diagnostics.map(({ severity }) => severity))
      .toEqual(["error"]);
  });
});

describe("strictness", () => {
  const cases: [line: string, message: string][] = [
    ["prioritty: 1", '"prioritty" is not a keyword in vrrp_instance VI_1; correct or delete it'],
    ["priority: 300", 'priority "300" is outside 1..255; write a whole number from 1 to 255'],
    ["priority: 0x10", 'priority "0x10" is not a whole number; write a whole number from 1 to 255'],
    ["priority: [1]", "priority takes a plain value; see config/README.md"],
    ["priority:", "priority lacks its argument; write priority 1..255"],
    ["nopreempt: 7", 'nopreempt "7" is neither true nor false; write true or false'],
    [
      "advert_int: 1.5",
      "advert_int 1500ms of vrrp_instance VI_1 is not whole seconds, which version 2 needs; round it or use version 3",
    ],
    [
      "advert_int: 1d",
      'advert_int "1d" is not a time; write a time from 10ms to 255s, for example 500ms or 1s',
    ],
    ["state: SLAVE", 'state "SLAVE" is not one of MASTER, BACKUP; write MASTER or BACKUP'],
    [
      "track_script: [nope]",
      "vrrp_instance VI_1 tracks nope, which no vrrp_script defines; define vrrp_script nope or delete the line",
    ],
    [
      "mcast_src_ip: here",
      'mcast_src_ip "here" is not an IP address; write an address without a prefix length',
    ],
    ["interface: eth1", "this key was given already; delete one of them"],
    ["? [a]\n    : 1", "a key is a plain word; write key: value"],
    ["priority: *none", "this alias names no anchor; define it above with &name"],
  ];
  for (const [line, message] of cases) {
    test(line, () => {
      const result = yaml(instance(line));
      expect(result.config).toBeNull();
      expect(result.diagnostics.map((each) => each.message)).toContain(message);
    });
  }

  test("a fault points at its value", () => {
    const [found] = yaml(instance("priority:   300 # high")).diagnostics;
    expect([found?.line, found?.column, found?.length]).toEqual([6, 17, 3]);
    const [inList] = yaml(instance("unicast_peer: [10.0.0.3, oops]")).diagnostics;
    expect([inList?.line, inList?.column, inList?.length]).toEqual([6, 30, 4]);
    const [option] = yaml(instance('virtual_ipaddress_excluded: ["192.0.2.1 scope wide"]')).diagnostics;
    expect([option?.line, option?.column, option?.length]).toEqual([6, 51, 4]);
  });

  test("nesting and alias bombs end in a diagnostic", () => {
    expect(yaml("[".repeat(20_000)).config).toBeNull();
    expect(yaml(`a: ${"{a: ".repeat(5000)}`).config).toBeNull();
    const bomb = ["vrrp_instance:", "  a0: &a0 { interface: eth0 }"];
    for (let i = 1; i < 30; i++) {
      bomb.push(`  a${i}: &a${i} { authentication: *a${i - 1}, track_script: [*a${i - 1}, *a${i - 1}] }`);
    }
    expect(yaml(bomb.join("\n")).config).toBeNull();
  });
});
