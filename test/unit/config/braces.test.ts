// Braces out of place: each line that keepalived 2.2.7 complains of then has a finding (observed with keepalived -t).
import { expect, test } from "bun:test";
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
