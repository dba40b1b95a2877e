// track_group: its members, the static entries that name it, and what is wrong with either.
import { expect, test } from "bun:test";
import { instance, load, messages } from "./support.ts";

const TWO = instance("", "VI_1", 51) + instance("", "VI_2", 52, "192.0.2.11/24");

test("members in lines and on one line know their groups, entries name one", () => {
  const result = load(`track_group G {\n group {\n VI_1 VI_2\n }\n}\ntrack_group H {\n group {\n VI_2\n }\n}
static_ipaddress {\n 192.0.2.77/24 dev eth0 track_group G\n}
static_routes {\n 198.51.100.0/24 dev eth0 track_group H\n}
static_rules {\n iif eth0 table 100 priority 5 track_group H\n}
${TWO}`);
  expect(messages(result)).toEqual([]);
  expect(result.config?.instances.map(({ trackGroups }) => trackGroups)).toEqual([["G"], ["G", "H"]]);
  const { addresses, routes, rules } = result.config!.statics;
  expect([...addresses, ...routes, ...rules].map(({ trackGroup }) => trackGroup)).toEqual(["G", "H", "H"]);
});

test("what leads nowhere is warned of in its line, and left out", () => {
  const result = load(`track_group G {
  group {
    VI_1 VI_1
    VI_3
  }
}
track_group EMPTY {
}
static_ipaddress {
  192.0.2.77/24 dev eth0 track_group NONE
  192.0.2.78/24 dev eth0 track_group H no_track
}
track_group H {
  group {
    VI_2
  }
}
${TWO}
vrrp_instance VI_3 {
  interface eth0
  virtual_router_id 53
  virtual_ipaddress {
    192.0.2.12/24 track_group EMPTY
  }
}
`.replace("VI_3\n  }", "VI_4\n  }"));
  expect(messages(result).map((line) => line.replace(/, so .*/, ""))).toEqual([
    "3:10 warning: VI_1 is named twice",
    "4:5 warning: track_group G names VI_4, which is no usable vrrp_instance",
    "7:13 warning: track_group EMPTY has no member",
    "10:38 warning: there is no track_group NONE",
    "11:38 warning: no_track and track_group exclude each other",
    "39:31 warning: track_group is for static entries, and VI_3 reacts to its own anyway",
  ]);
  const { instances, statics } = result.config!;
  expect(statics.addresses.map(({ trackGroup }) => trackGroup)).toEqual([null, null]);
  expect(instances[2]!.addresses[0]!.trackGroup).toBeNull();
});
