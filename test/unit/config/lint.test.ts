// What check warns of beyond the single line, with the exact words: one file, a file on a machine, two routers'
// files. UPDATE_GOLDEN=1 rewrites what is expected.
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { advise } from "../../../src/config/advice.ts";
import { type Diagnostic, inOrder } from "../../../src/config/diagnostic.ts";
import { loadConfig, renderDiagnostic } from "../../../src/config/load.ts";
import { comparePeers } from "../../../src/config/pairs.ts";
import { lintSurroundings, type LocalAddress, type Surroundings } from "../../../src/config/surroundings.ts";
import { instance, load } from "./support.ts";

const ROOT = join(import.meta.dir, "../../..");
const GOLDEN = join(ROOT, "test/golden/config");
const OPTIONS = { hostName: "alpha.example.org", environment: {}, random: () => 0.5 };

const local = (name: string, address: string, prefixLength: number): LocalAddress => ({
  interface: name,
  family: address.includes(":") ? "ipv6" : "ipv4",
  address,
  prefixLength,
  linkLocal: address.startsWith("fe80"),
});

/** A machine in 192.0.2.0/24 that holds a virtual address already; /opt/open is everybody's, /opt/bob is bob's. */
const MACHINE: Surroundings = {
  addresses: () => [
    local("lo", "127.0.0.1", 8),
    local("eth0", "192.0.2.1", 24),
    local("eth0", "203.0.113.5", 24),
    local("eth0", "fe80::1", 64),
    local("eth0", "2001:db8::1", 64),
    local("eth1", "198.51.100.7", 24),
  ],
  changeable: ([path = ""]) =>
    path.startsWith("/opt/open")
      ? { path: "/opt/open/chk.sh", reason: "may be written by everybody (mode 0777)" }
      : path.startsWith("/opt/bob")
      ? { path: "/opt/bob", reason: "belongs to uid 1000, not to root" }
      : null,
  isLoopback: (name) => name === "lo",
  interfaceExists: () => true,
};
const NOTHING: Surroundings = {
  addresses: () => [],
  changeable: () => null,
  isLoopback: () => false,
  interfaceExists: () => true,
};

function loaded(file: string) {
  const { placed, diagnostics } = loadConfig(file, OPTIONS);
  if (placed === null) throw new Error(`${file} has errors`);
  return { file, placed, diagnostics };
}

function lint(file: string, machine: Surroundings): Diagnostic[] {
  const { placed, diagnostics } = loaded(file);
  return inOrder(file, [
    ...diagnostics,
    ...lintSurroundings(file, placed, machine),
    ...advise(file, placed, true),
  ]);
}

function text(found: readonly Diagnostic[], folder: string): string {
  return found.map((d) => `${renderDiagnostic(d, false)}\n`).join("").replaceAll(`${folder}/`, "");
}

function compare(path: string, actual: string): void {
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, actual);
  expect(existsSync(path), `${path} is missing; run with UPDATE_GOLDEN=1`).toBe(true);
  expect(actual).toBe(readFileSync(path, "utf8"));
}

describe("one file", () => {
  const folder = join(GOLDEN, "lint");
  for (const name of readdirSync(folder).filter((each) => /\.(conf|yaml)$/.test(each))) {
    test(name, () => {
      const found = lint(join(folder, name), MACHINE);
      expect(found.filter(({ line, column }) => line === 0 || column === 0)).toEqual([]);
      expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
      expect(found).not.toBeEmpty();
      compare(join(folder, name.replace(/\.(conf|yaml)$/, ".expected")), text(found, folder));
    });
  }

  test("is not judged by the usual priority where the other file is there", () => {
    const { file, placed } = loaded(join(folder, "05-weights.conf"));
    const guesses = (alone: boolean) =>
      advise(file, placed, alone).filter(({ message }) => message.includes("to a router of priority 100"));
    expect(guesses(true).length).toBe(3);
    expect(guesses(false)).toEqual([]);
  });
});

describe("two files", () => {
  const folder = join(GOLDEN, "peers");
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".a.conf"))) {
    const stem = name.replace(".a.conf", "");
    test(stem, () => {
      const [a, b] = [loaded(join(folder, name)), loaded(join(folder, `${stem}.b.conf`))];
      const found = comparePeers(a, b, true);
      expect(found.filter(({ severity, line }) => severity === "error" || line === 0)).toEqual([]);
      expect(found.length === 0).toBe(stem >= "20");
      compare(join(folder, `${stem}.expected`), text(found, folder));
      expect(text(found, folder)).not.toMatch(/k7Fq02x/);
    });
  }

  test("of which one is given again, or of many clusters, are no peers", () => {
    const a = loaded(join(folder, "20-right.a.conf"));
    const other = loaded(join(folder, "08-addresses.b.conf"));
    expect(comparePeers(a, loaded(join(folder, "20-right.b.conf")), false)).toEqual([]);
    const far = { ...other, placed: { ...other.placed, instances: other.placed.instances.map(renamed) } };
    expect(comparePeers(a, far, false)).toEqual([]);
    expect(comparePeers(a, far, true)).not.toEqual([]);
  });

  test("are looked at in the same way from either side", () => {
    const [a, b] = [
      loaded(join(folder, "02-weight-bonus.a.conf")),
      loaded(join(folder, "02-weight-bonus.b.conf")),
    ];
    const messages = (found: Diagnostic[]) => found.map(({ file, line }) => `${file}:${line}`);
    expect(messages(comparePeers(a, b, true))).toEqual(messages(comparePeers(b, a, true)));
  });
});

/** The same VRID in a cluster of other names and addresses. */
function renamed<T extends ReturnType<typeof loaded>["placed"]["instances"][number]>(placed: T): T {
  const { instance } = placed;
  const addresses = instance.addresses.map((each) => ({
    ...each,
    address: each.address.replace("192", "198"),
  }));
  return { ...placed, instance: { ...instance, name: "FAR", addresses } };
}

describe("the machine around it", () => {
  test("an instance on the loopback interface is heard by nobody", () => {
    const { placed } = load(instance().replace("eth0", "lo"));
    const found = lintSurroundings("f", placed!, { ...NOTHING, isLoopback: (name) => name === "lo" });
    expect(found.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
      "2:13 vrrp_instance VI_1 runs on lo, where no other router hears it and keepalived leaves it out; " +
      "name the interface of the LAN",
    ]);
  });

  test("an instance with a VMAC and unicast peers on an interface that is missing", () => {
    const without = { ...NOTHING, interfaceExists: () => false };
    const found = (body: string, machine: Surroundings = without, before = "") =>
      lintSurroundings("f", load(before + instance(body)).placed!, machine)
        .map(({ line, column, message }) => `${line}:${column} ${message}`);
    const peers = "unicast_peer {\n 192.0.2.2\n }";
    const cure = "create eth0, or add dynamic_interfaces to global_defs";
    const what = "vrrp_instance VI_1 has unicast peers and no eth0 on this machine, so keepalived ignores";
    expect(found(`use_vmac\n ${peers}`)).toEqual([
      `11:1 ${what} use_vmac, and baton makes the VMAC once it is there; ${cure}`,
    ]);
    expect(found(`use_ipvlan\n ${peers}`)).toEqual([
      `11:1 ${what} use_ipvlan, and baton makes the ipvlan once it is there; ${cure}`,
    ]);
    expect(found("use_vmac")).toEqual([]);
    expect(found(peers)).toEqual([]);
    expect(found(`use_vmac\n ${peers}`, NOTHING)).toEqual([]);
    expect(found(`use_vmac\n ${peers}`, without, "global_defs {\n dynamic_interfaces\n}\n")).toEqual([]);
  });
});

describe("no false alarms", () => {
  test("the samples of this repository say nothing", () => {
    for (const name of ["keepalived.conf", "baton.yaml"]) {
      expect(text(lint(join(ROOT, "config", name), NOTHING), ROOT)).toBe("");
    }
  });

  const samples = "/usr/share/doc/keepalived/samples";
  test.skipIf(!existsSync(samples))("keepalived's samples: only what is there to be seen", () => {
    const true_ = /no prefix length|router_id is never set|stands in every manual/;
    for (const name of readdirSync(samples).filter((each) => each.startsWith("keepalived.conf"))) {
      const { file, placed } = loaded(join(samples, name));
      const found = [...advise(file, placed, true), ...lintSurroundings(file, placed, NOTHING)];
      expect(text(found.filter(({ message }) => !true_.test(message)), samples)).toBe("");
    }
  });
});

test("whatever can be loaded can be looked at, alone and beside anything else", () => {
  const files = ["good", "bad", "lint", "peers"].flatMap((folder) =>
    readdirSync(join(GOLDEN, folder)).filter((name) => /\.(conf|yaml)$/.test(name)).map((name) =>
      join(GOLDEN, folder, name)
    )
  );
  const usable = files.flatMap((file) => {
    const { placed } = loadConfig(file, OPTIONS);
    return placed === null ? [] : [{ file, placed }];
  });
  expect(usable.length).toBeGreaterThan(60);
  const findings: Diagnostic[] = [];
  for (const each of usable) {
    findings.push(
      ...advise(each.file, each.placed, true),
      ...lintSurroundings(each.file, each.placed, MACHINE),
    );
    for (const other of usable) findings.push(...comparePeers(each, other, true));
  }
  // Every one is a warning at a place, in one sentence with a cure behind a semicolon.
  const odd = findings.filter((d) =>
    d.severity !== "warning" || d.line === 0 || d.column === 0 || !/[^.]; \S[^.]*/.test(d.message)
  );
  expect(odd).toEqual([]);
});
