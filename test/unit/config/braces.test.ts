// Braces out of place: each line that keepalived 2.2.7 complains of then has a finding (observed with keepalived -t).
import { describe, expect, test } from "bun:test";
import { instance, load } from "./support.ts";

/** The lines with a finding. */
function lines(text: string): number[] {
  return [...new Set(load(text).diagnostics.map(({ line }) => line))];
}

const cases: [name: string, text: string, complaints: number[]][] = [
  [
    "a block of keywords without {",
    "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\nauthentication\nauth_type PASS\nauth_pass x\n}\n" +
    "virtual_ipaddress {\n192.0.2.1/24\n}\n}\n",
    [5, 8, 9, 10, 11],
  ],
  ["a definition without {", "vrrp_script S\nscript /bin/true\ninterval 5\n}\n", [2, 3, 4]],
  [
    "a list without { ends at the first }",
    "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\nvirtual_ipaddress 192.0.2.1/24\ntrack_interface eth1\n" +
    "priority 50\n}\n",
    [4, 5, 6],
  ],
  [
    "a list without } ends at the first } too",
    "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\nvirtual_ipaddress {\n192.0.2.1/24\ntrack_interface {\n" +
    "eth1\n}\npriority 50\n}\n",
    [6, 7],
  ],
  [
    "the } of an unknown block ends the instance",
    "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\nfoo {\nbar 5\n}\npriority 50\n}\n",
    [4, 5, 7, 8],
  ],
  ["an unknown block with a known list in it", "foo {\nvirtual_ipaddress {\n192.0.2.1\n}\n}\n", [
    1,
    2,
    3,
    4,
    5,
  ]],
  ["a } too many", `${instance()}}\n`, [instance().split("\n").length]],
  [
    "a { without a keyword",
    "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\n{\npriority 50\n}\n}\n",
    [4, 7],
  ],
  [
    "a block without its name and its {",
    `vrrp_sync_group\n${instance()}`,
    [2, 3, 4, 5, 6],
  ],
  ["a block behind a plain value", "global_defs {\nrouter_id lb {\nx 5\n}\n}\n", [2, 3, 5]],
];

for (const [name, text, complaints] of cases) {
  test(name, () => expect(lines(text)).toEqual(expect.arrayContaining(complaints)));
}

test("braces in their places, also on lines of their own and all on one line, say nothing", () => {
  const apart = instance().replaceAll(" {", "\n{");
  expect(lines(apart)).toEqual(lines(instance()));
  const one = "vrrp_instance A { interface eth0\nvirtual_router_id 5\nvirtual_ipaddress { 192.0.2.1/24 } }\n";
  expect(lines(one)).toEqual([]);
});

describe("a list without }", () => {
  const list = "virtual_ipaddress {\n192.0.2.1/24\ntrack_interface {\neth1\n}\n";

  test("keeps nothing behind the first } from being used", () => {
    const { config } = load(
      `vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\n${list}priority 50\n}\n${
        instance("", "B", 6)
      }`,
    );
    expect(config?.instances.map(({ name, priority }) => [name, priority])).toEqual([["A", 50], ["B", 100]]);
  });

  test("counts its braces in a block that is skipped whole, as one without its name is", () => {
    const { config } = load(`vrrp_instance {\ninterface eth0\n${list}}\n}\n${instance("", "B", 6)}`);
    expect(config?.instances.map(({ name }) => name)).toEqual(["B"]);
    expect(lines(`vrrp_instance {\n${list}}\n}\n`)).not.toContain(8);
  });
});
