// bfd_instance and track_bfd in the configuration.
import { expect, test } from "bun:test";
import { convert } from "../../../src/config/convert.ts";
import { plainBfd } from "../../support/plain_bfd.ts";
import { instance, load, memoryFiles, messages } from "./support.ts";

const said = (result: ReturnType<typeof load>) => messages(result).map((line) => line.split("; ")[0]!);
const session = (lines: string[], name = "b") => `bfd_instance ${name} {\n${lines.join("\n")}\n}\n`;
const track = (lines: string[]) => `track_bfd {\n${lines.join("\n")}\n}`;

test("defaults, and what is given", () => {
  const result = load(
    session(["neighbor_ip 192.0.2.9"], "a") +
      session([
        "neighbour_ip 2001:db8::0009",
        "source_ip 2001:db8::1",
        "min_rx 50.5",
        "min_tx 20",
        "idle_tx 2000",
        "multiplier 3",
        "passive",
        "hoplimit 200",
        "max_hops 10",
        "multihop",
        "weight -20 reverse",
      ]) + session(["neighbor_ip 2001:db8::7"], "c") +
      session(["neighbor_ip 192.0.2.8", "max_hops -1"], "d") +
      instance(track(["a", "b", "c weight 9 noreverse", "d weight 0 reverse"])),
  );
  expect(messages(result)).toEqual([]);
  expect(result.config?.bfds).toEqual([
    plainBfd("a", "192.0.2.9"),
    {
      name: "b",
      family: "ipv6",
      neighbor: "2001:db8::9",
      source: "2001:db8::1",
      minRxUs: 50_500,
      minTxUs: 20_000,
      idleTxUs: 2_000_000,
      multiplier: 3,
      passive: true,
      ttl: 200,
      lowestTtl: 190,
      multihop: true,
      weight: -20,
      reverse: true,
    },
    plainBfd("c", "2001:db8::7", { family: "ipv6", lowestTtl: 64 }),
    plainBfd("d", "192.0.2.8", { lowestTtl: 0 }),
  ]);
  expect(result.config?.instances[0]?.trackBfds).toEqual([
    { bfd: "a", weight: 0, reverse: false },
    { bfd: "b", weight: -20, reverse: true },
    { bfd: "c", weight: 9, reverse: false },
    { bfd: "d", weight: 0, reverse: true },
  ]);
});

test("what keepalived tolerates is a warning on its line", () => {
  const result = load(
    session([
      "neighbor_ip 192.0.2.1",
      "min_rx 0.5",
      "min_tx x",
      "idle_tx 999",
      "multiplier 256",
      "ttl 0",
      "max_hops -2",
      "weight 254",
      "passive now",
    ]) + session(["neighbor_ip 192.0.2.1"], "twin") + session([], "none") +
      session(["neighbor_ip 192.0.2.3", "source_ip ::1"], "mixed") +
      session(["neighbor_ip 192.0.2.4"], "x".repeat(32)) + session(["neighbor_ip 192.0.2.4"]) +
      session(["neighbor_ip 192.0.2.5", "min_tx 1001", "ttl 9", "max_hops 10"], "slow") +
      session(["neighbor_ip fe80::1"], "local") + session(["neighbor_ip 192.0.2.6", "checker"], "lvs") +
      session(["neighbor_ip 192.0.2.7", "checker", "vrrp"], "both") + "bfd_instance {\n}\n" +
      instance(track(["b weight 254", "bb", "lvs", "both", "both", "slow foo"])),
  );
  expect(said(result)).toEqual([
    '3:8 warning: min_rx "0.5" is outside 1..4294967 ms, so the default 10 is used',
    '4:8 warning: min_tx "x" is not a number of milliseconds, so the default 10 is used',
    '5:9 warning: idle_tx "999" is outside 1000..4294967 ms, so the default 1000 is used',
    '6:12 warning: multiplier "256" is outside 1..255, so the default 5 is used',
    '7:5 warning: ttl "0" is outside 1..255, so the default 255 is used',
    '8:10 warning: max_hops "-2" is outside -1..255, so the default 0 is used',
    '9:8 warning: weight "254" is outside -253..253, so the default 0 is used',
    '10:9 warning: passive does not take "now", so that is ignored',
    "12:14 warning: bfd_instance twin has the neighbor of bfd_instance b, 192.0.2.1, so it is left out",
    "17:1 warning: bfd_instance none has no neighbor_ip, so it is left out",
    "21:1 warning: source_ip and neighbor_ip of bfd_instance mixed are not of the same family, so it is left out",
    `22:14 warning: the name ${"x".repeat(32)} is longer than 31 bytes, so it is left out`,
    "25:14 warning: bfd_instance b was defined in line 1 already, so this one is ignored",
    "30:8 warning: min_tx of 1001 ms is more than 1000 ms, so a failure is noticed late",
    "32:10 warning: max_hops of bfd_instance slow is more than its ttl of 9, so it is taken for 9",
    "35:13 warning: the neighbor of bfd_instance local is a link-local address, whose interface cannot be told, so the session stays down",
    "46:1 warning: bfd_instance lacks its name, so it is left out",
    "55:10 warning: weight 254 is too large, so 253 is used",
    "56:1 warning: vrrp_instance VI_1 tracks bb, which no bfd_instance defines, so it is ignored",
    "57:1 warning: vrrp_instance VI_1 tracks lvs, which is for checkers of virtual servers only, so it is ignored",
    "59:1 warning: both is tracked twice, so the second is ignored",
    '60:6 warning: "foo" is not an option of a tracked bfd, so bfd slow is not tracked',
  ]);
  expect(result.config?.bfds.map(({ name }) => name)).toEqual(["b", "slow", "local", "lvs", "both"]);
  expect(result.config?.bfds[0]).toMatchObject({ minRxUs: 10_000, multiplier: 5, ttl: 255, lowestTtl: 255 });
  expect(result.config?.bfds[1]).toMatchObject({ minTxUs: 1_001_000, ttl: 9, lowestTtl: 0 });
  expect(result.config?.instances[0]?.trackBfds.map(({ bfd, weight }) => [bfd, weight])).toEqual([
    ["b", 253],
    ["both", 0],
  ]);
});

test("an argument that is missing ends keepalived, and is an error", () => {
  for (const word of ["min_rx", "neighbor_ip", "weight"]) {
    expect(load(session(["neighbor_ip 192.0.2.1", word]) + instance(track(["b"]))).config).toBeNull();
  }
});

test("a group's session is its members'; one with a weight of a member alone is left out", () => {
  const group = `vrrp_sync_group G {\n group {\n VI_1\n }\n ${track(["a"])}\n}\n`;
  const blocks = session(["neighbor_ip 192.0.2.1"], "a") + session(["neighbor_ip 192.0.2.2"], "b");
  const result = load(blocks + group + instance(track(["b weight 5"])));
  expect(result.config?.instances[0]?.trackBfds).toEqual([{ bfd: "a", weight: 0, reverse: false }]);
  expect(said(result).filter((line) => line.includes("tracks b with a weight"))).toHaveLength(1);
});

test("YAML: milliseconds with or without a unit; convert keeps them", () => {
  const yaml = "bfd_instance: { b: { neighbor_ip: 192.0.2.1, min_rx: 50, min_tx: 1500us, idle_tx: 2s } }\n" +
    "vrrp_instance: { VI_1: { interface: eth0, virtual_router_id: 1, track_bfd: [b], virtual_ipaddress: [192.0.2.1] } }\n";
  const result = load(yaml, {}, { path: "/etc/baton/x.yaml" });
  expect(result.config?.bfds[0]).toMatchObject({ minRxUs: 50_000, minTxUs: 1500, idleTxUs: 2_000_000 });
  const files = memoryFiles({ "/x.yaml": yaml });
  const { text } = convert("/x.yaml", { files, hostName: "lab" }, "conf");
  expect(text).toMatch(/min_rx 50\n.*min_tx 1\.5\n.*idle_tx 2000\n/s);
  const back = convert("/x.conf", { files: memoryFiles({ "/x.conf": text! }), hostName: "lab" }, "yaml");
  expect(back.text).toMatch(/min_rx: 50ms\n.*min_tx: 1500us\n.*idle_tx: 2s\n/s);
});
