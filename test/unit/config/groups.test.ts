// vrrp_sync_group in the configuration: members, what they take from the group, and what is wrong with one.
import { expect, test } from "bun:test";
import { instance, load, messages } from "./support.ts";

const TWO = instance("", "VI_1", 51) + instance("", "VI_2", 52, "192.0.2.11/24");

test("members in lines and on one line, in YAML and in keepalived.conf", () => {
  const conf = load(`vrrp_sync_group G {\n group {\n VI_2 VI_1\n }\n notify_master /bin/m\n}\n${TWO}`);
  expect(messages(conf)).toEqual([]);
  expect(conf.config?.groups).toMatchObject([
    { name: "G", members: ["VI_2", "VI_1"], notify: { master: { words: ["/bin/m"] }, any: null } },
  ]);
  expect(conf.config?.instances.map(({ syncGroup }) => syncGroup)).toEqual(["G", "G"]);
  const one = (vrid: number) =>
    `{ interface: eth0, virtual_router_id: ${vrid}, virtual_ipaddress: [192.0.2.${vrid}] }`;
  const yaml = load(
    `vrrp_sync_group: { G: { group: [VI_1, VI_2] } }\nvrrp_instance: { VI_1: ${one(1)}, VI_2: ${one(2)} }\n`,
    {},
    { path: "/etc/baton/x.yaml" },
  );
  expect(messages(yaml)).toEqual([]);
  expect(yaml.config?.groups[0]?.members).toEqual(["VI_1", "VI_2"]);
});

test("what keepalived complains of is warned of in its line", () => {
  const result = load(`${TWO}vrrp_sync_group G {
  group {
    VI_1 VI_2
    VI_3
  }
}
vrrp_sync_group H {
  group {
    VI_1
  }
}
vrrp_sync_group G {
}
vrrp_sync_group I {
}
vrrp_sync_group {
}
`);
  expect(messages(result).map((line) => line.replace(/, so .*/, ""))).toEqual([
    "20:5 warning: vrrp_sync_group G names VI_3, which is no usable vrrp_instance",
    "25:5 warning: VI_1 is in vrrp_sync_group G already",
    "26:3 warning: vrrp_sync_group H has no member",
    "28:17 warning: vrrp_sync_group G was defined in line 17 already",
    "30:17 warning: vrrp_sync_group I has no member",
    "32:1 warning: vrrp_sync_group lacks its name",
  ]);
  expect(result.config?.groups.map(({ name }) => name)).toEqual(["G"]);
});

const SCRIPTS = 'vrrp_script s {\n script "/bin/s"\n weight 5\n}\nvrrp_script t {\n script "/bin/t"\n}\n';

function tracked(group: string): ReturnType<typeof load> {
  const body = "track_script {\n s\n t\n }\n track_interface {\n eth8 weight 3\n eth9\n }";
  const first = instance(body, "VI_1", 51), second = instance("", "VI_2", 52, "192.0.2.11/24");
  return load(`${SCRIPTS}${first}${second}vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n${group}\n}\n`);
}

test("weighted trackers of a member count only with sync_group_tracking_weight", () => {
  const without = tracked("");
  // Each kind of tracker, and the script that nobody tracks then.
  expect(messages(without).length).toBe(3);
  expect(messages(without).join()).toContain(
    "VI_1 is in vrrp_sync_group G and tracks s with a weight of its own",
  );
  expect(without.config?.instances[0]).toMatchObject({
    trackScripts: [{ script: "t", weight: 0 }],
    trackInterfaces: [{ interface: "eth9", weight: 0 }],
  });
  for (const keyword of ["sync_group_tracking_weight", "global_tracking"]) {
    const found = tracked(keyword);
    expect(found.config?.instances[0]?.trackScripts.map(({ script }) => script)).toEqual(["s", "t"]);
    expect(messages(found).length).toBe(keyword === "global_tracking" ? 1 : 0);
  }
});

test("members take over what the group tracks, and the group's way of it counts", () => {
  const found = tracked(
    " track_script {\n s weight 7\n t weight 2\n }\n track_interface {\n eth0\n eth7\n }",
  );
  for (const { trackScripts, trackInterfaces } of found.config!.instances) {
    expect(trackScripts).toMatchObject([{ script: "s", weight: 7 }, { script: "t", weight: 2 }]);
    // eth0 is their own.
    expect(trackInterfaces.map((t) => t.interface)).toEqual(
      trackScripts === found.config!.instances[0]!.trackScripts ? ["eth9", "eth7"] : ["eth7"],
    );
  }
  expect(messages(found).some((line) => line.includes("tracks t, which vrrp_sync_group G tracks"))).toBe(
    true,
  );
});

test("a group of one is allowed, with a remark", () => {
  const result = load(`${instance()}vrrp_sync_group G {\n group {\n VI_1\n }\n}\n`);
  expect(result.config?.groups.length).toBe(1);
  expect(messages(result)[0]).toContain("has one member only");
});

test("a second list of members does not count, as for keepalived", () => {
  const lists = "group {\n VI_1\n VI_2\n }\n group {\n VI_3\n }";
  const text = [51, 52, 53].map((vrid, i) => instance("", `VI_${i + 1}`, vrid, `192.0.2.${vrid}`)).join("");
  const found = load(`${text}vrrp_sync_group G {\n ${lists}\n}\ntrack_group T {\n ${lists}\n}\n`);
  expect(messages(found)).toEqual([
    "30:2 warning: group was given in line 26 already, so this one is ignored; delete one",
    "39:2 warning: group was given in line 35 already, so this one is ignored; delete one",
  ]);
  expect(found.config?.instances.map(({ syncGroup, trackGroups }) => [syncGroup, trackGroups])).toEqual([
    ["G", ["T"]],
    ["G", ["T"]],
    [null, []],
  ]);
});
