// Keywords without effect: each is known, warns once, and its block is skipped whole.
import { describe, expect, test } from "bun:test";
import { KEYWORDS } from "../../../src/config/keywords.ts";
import { ENDS_BARE } from "../../../src/config/keywords/ending.ts";
import { distance, nearest } from "../../../src/config/suggest.ts";
import { instance, load, messages } from "./support.ts";

function without(block: string): string[] {
  return [...KEYWORDS.get(block)?.values() ?? []].filter(({ effect }) => effect === "not yet").map((
    { name },
  ) => name);
}

test("a keyword has one row in a block: with effect, without it yet, or without it for good", () => {
  for (const [block, rows] of KEYWORDS) {
    const names = [...rows.keys()];
    expect(names.filter((name, at) => names.indexOf(name) !== at), block).toEqual([]);
  }
});

describe("keywords without effect that keepalived ends at when bare", () => {
  for (const [block, names] of Object.entries(ENDS_BARE)) {
    for (const name of names) {
      test(`${block} ${name}`, () => {
        expect(KEYWORDS.get(block)?.get(name)?.effect).not.toBe(true);
        const inside: Record<string, string> = {
          root: `${name}\n${instance()}`,
          global_defs: `global_defs {\n${name}\n}\n${instance()}`,
        };
        const result = load(inside[block] ?? instance(name));
        expect(result.config).toBeNull();
        expect(messages(result).join("\n")).toContain(`error: ${name} lacks its argument; write ${name} `);
        const given = load((inside[block] ?? instance(name)).replace(name, `${name} 5`));
        expect(given.config).not.toBeNull();
      });
    }
  }
});

describe("keywords that are accepted without effect", () => {
  const rows = [...KEYWORDS.values()].flatMap((block) => [...block.values()]).filter(({ effect }) =>
    effect === "none"
  );

  test("are few, each with a reason, and none of the check side", () => {
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThanOrEqual(60);
    for (const { name, reason } of rows) {
      expect(reason, name).toMatch(/^[a-z].{20,}[^.]$/);
      expect(name).not.toMatch(/^(virtual_server|rs_|nftables_ipvs|lvs_(sync|flush|timeouts|notify))/);
    }
    const reasoned = [...KEYWORDS.values()].flatMap((block) => [...block.values()]).filter(({ reason }) =>
      reason !== ""
    );
    expect(reasoned).toEqual(rows);
  });

  test("each gives one note with its reason, and a file with it is one that keepalived finds nothing wrong with", () => {
    for (const { block, name, reason } of rows) {
      const line = `${name} x`;
      const [at, text] = block === "root"
        ? ["1:1", `${line}\n`]
        : block === "route-entry"
        ? ["2:23", `static_routes {\n 10.9.0.0/24 dev eth0 ${line}\n}\n`]
        : ["2:2", `${block} {\n ${line}\n}\n`];
      const result = load(text + instance());
      expect(messages(result), name).toEqual([`${at} warning: ${name} has no effect in baton: ${reason}`]);
      expect(result.diagnostics[0]?.harmless).toBe(true);
      expect(result.config?.instances.length).toBe(1);
    }
  });
});

describe("keywords without effect", () => {
  const wrap: Record<string, (name: string) => string> = {
    root: (name) => `${name} x {\n unknown inside\n more { words }\n}\n${instance()}`,
    global_defs: (name) => `global_defs {\n ${name} x {\n unknown inside\n }\n}\n${instance()}`,
    vrrp_instance: (name) => instance(`${name} x {\n unknown inside\n }`),
  };
  for (const [block, text] of Object.entries(wrap)) {
    test(`each keyword of ${block} gives one warning that names it`, () => {
      const names = without(block);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) {
        const result = load(text(name));
        // What is inside them is looked at.
        const looked = ["virtual_server", "virtual_server_group", "SSL"].includes(name);
        const found = messages(result).filter((message) => !message.includes("because of the braces"));
        expect(found.filter((message) => !looked || message.includes("has no effect")).length, name).toBe(1);
        expect(messages(result)[0]).toContain(`warning: ${name} `);
        expect(messages(result)[0]).toContain("has no effect in this version yet");
        expect(result.config?.instances.length).toBe(1);
      }
    });
  }

  const LATER = "lvs_sync_daemon_interface eth0";

  test("a keyword that is used often is explained once, with its count, and named in each line", () => {
    const result = load(`${instance(LATER, "A", 1)}${instance(LATER, "B", 2, "192.0.2.2")}`);
    expect(messages(result)).toEqual([
      "7:3 warning: lvs_sync_daemon_interface has no effect in this version yet, so it is skipped (2 uses in this file); the rest is used",
      "15:3 warning: lvs_sync_daemon_interface has no effect here either, so it is skipped",
    ]);
  });

  test("each virtual_server is named", () => {
    const result = load(`${instance()}virtual_server 192.0.2.1 80 {\n}\nvirtual_server fwmark 7 {\n}\n`);
    expect(messages(result).map((text) => text.split(" has no effect")[0])).toEqual([
      "9:1 warning: virtual_server 192.0.2.1 80",
      "11:1 warning: virtual_server fwmark 7",
    ]);
  });

  test("YAML knows them too", () => {
    const text = "vrrp_sync_group: { G: { group: [VI_1] } }\nvirtual_server: { 192.0.2.1 80: {} }\n" +
      "vrrp_instance: { VI_1: { interface: eth0, virtual_router_id: 1, lvs_sync_daemon_interface: eth0, virtual_ipaddress: [192.0.2.1] } }\n";
    const result = load(text, {}, { path: "/etc/baton/x.yaml" });
    expect(result.config?.instances.length).toBe(1);
    expect(result.diagnostics.map(({ severity }) => severity)).toEqual(["warning", "warning", "warning"]);
  });
});

describe("did you mean", () => {
  test("distance counts edits and swaps of neighbours", () => {
    expect(distance("abc", "abc")).toBe(0);
    expect(distance("", "abc")).toBe(3);
    expect(distance("weigth", "weight")).toBe(1);
    expect(distance("kitten", "sitting")).toBe(3);
  });

  test("only near words are suggested", () => {
    expect(nearest("prioritty", ["priority", "interface"])).toBe("priority");
    expect(nearest("frobnicate", ["priority", "interface"])).toBeUndefined();
    expect(nearest("x", ["y"])).toBe("y");
    expect(nearest("a".repeat(100_000), ["priority"])).toBeUndefined();
  });
});
