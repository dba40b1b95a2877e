// What silent instances share: an instance is the same, whatever its neighbours say.
import { expect, test } from "bun:test";
import { KEYWORDS } from "../../../src/config/keywords.ts";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { load } from "./support.ts";

/** Blocks with something in them. */
const BLOCKS: Readonly<Record<string, string>> = {
  authentication: "{\n auth_type PASS\n auth_pass a\n}",
  auth_hmac: `{\n key 1 hex:${"0123456789abcdef".repeat(4)}\n}`,
  unicast_peer: "{\n 192.0.2.9 min_ttl 3\n}",
  track_interface: "{\n eth7 weight 5\n}",
  track_script: "{\n s weight 5\n}",
  track_file: "{\n f weight 5\n}",
  track_process: "{\n p weight 5\n}",
  virtual_routes: "{\n 198.51.100.0/24 via 192.0.2.9\n}",
  virtual_rules: "{\n from 192.0.2.0/24 table 7\n}",
  virtual_ipaddress_excluded: "{\n 192.0.2.77/32\n}",
};
/** What fits most of the others. */
const ARGUMENTS = ["7", "on", "false", "192.0.2.8", "BACKUP", "/bin/true", "never"];

const DEFINED = `vrrp_script s {\n script /bin/true\n}
track_file f {\n file /tmp/f\n}
vrrp_track_process p {\n process x\n}
`;

function block(name: string, vrid: number, option: string): string {
  return `vrrp_instance ${name} {\n interface eth0\n virtual_router_id ${vrid}\n version 3\n ${option}
 virtual_ipaddress {\n  192.0.2.${vrid}/24\n }\n}\n`;
}

function only(text: string, name: string): InstanceConfig | undefined {
  return load(`${DEFINED}${text}`).config?.instances.find((instance) => instance.name === name);
}

test("each keyword means the same before, behind and without a silent neighbour", () => {
  const different = new Set<string>();
  const rows = [...KEYWORDS.get("vrrp_instance")!.values()].filter(({ effect }) => effect === true);
  const plain = only(block("A", 1, ""), "A");
  for (const { name } of rows) {
    if (["interface", "virtual_router_id", "version", "virtual_ipaddress"].includes(name)) continue;
    for (const argument of [BLOCKS[name] ?? "", ...ARGUMENTS]) {
      const loud = block("A", 1, `${name} ${argument}`), silent = block("B", 2, "");
      const alone = only(loud, "A");
      expect(only(`${silent}${loud}`, "A"), `${name} ${argument}`).toEqual(alone as InstanceConfig);
      expect(only(`${loud}${silent}`, "A"), `${name} ${argument}`).toEqual(alone as InstanceConfig);
      if (alone !== undefined && !Bun.deepEquals(alone, plain)) different.add(name);
    }
  }
  // Nor is a loud one taken for silent: most of these arguments make a difference.
  expect(different.size).toBeGreaterThan(rows.length / 2);
});
