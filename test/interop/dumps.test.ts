// The files of the dump signals, beside those of keepalived with the same configuration.
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { GLOBAL, instance, script } from "../support/conf.ts";
import { Baton, type Daemon, Keepalived } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { needs } from "../support/peer.ts";
import { until } from "../support/until.ts";

const HAVE = needs("keepalived", "keepalived");
const PASSWORD = "secret12";

/** The daemons with dumps in a directory of their own. */
class DumpingBaton extends Baton {
  protected override words(): string[] {
    return ["env", `TMPDIR=${this.stem}`, ...super.words()];
  }
}
class DumpingKeepalived extends Keepalived {
  protected override words(): string[] {
    return ["env", `TMPDIR=${this.stem}`, ...super.words()];
  }
}

const ROUTES = [
  "10.60.0.0/24 via 10.0.0.78 dev eth0",
  "10.61.0.0/24 dev eth0 no_track metric 7 table 100",
  "default via 10.0.0.79 dev eth0 table 101",
  "src 10.0.0.100 10.62.0.0/24 dev eth0 scope link mtu lock 1400 tos 0x10",
  "10.65.0.0/24 via 10.0.0.78 advmss 1000 initcwnd 4 hoplimit 3 onlink dev eth0",
  "add 10.66.0.0/24 dev eth0",
  "append 10.67.0.0/24 dev eth0",
];
const RULES = [
  "from 10.60.0.0/24 table 101 priority 200",
  "to 10.61.0.0/24 fwmark 7 blackhole priority 201 no_track",
  "not from 10.62.0.0/24 to 10.1.0.0/16 iif eth0 oif lo tos 0x10 fwmark 7/0xff table 102 priority 202",
  "from 10.63.0.0/24 goto 300 priority 203",
  "from 10.64.0.0/24 unreachable priority 204",
  "from 2001:db8:5::/64 table 105 priority 205 suppress_prefixlength 0 uidrange 5-9",
  "ipproto tcp sport 5-6 dport 7-8 table 106 priority 206",
];
const STATICS = [
  "track_group TG {\n group {\n VI_1\n }\n}",
  "static_ipaddress {\n 10.3.0.1/24 dev eth0 track_group TG\n 10.3.0.3/24 dev eth0 no_track\n}",
  "static_routes {\n 10.50.0.0/24 via 10.0.0.77 dev eth0 track_group TG\n 10.51.0.0/24 dev eth0 no_track\n}",
  "static_rules {\n iif eth0 table 100 priority 100 track_group TG\n from 10.5.0.0/24 table 9 priority 101 no_track\n}",
  'vrrp_sync_group SG {\n group {\n VI_1\n V6\n }\n notify /usr/bin/true\n notify_master "/usr/bin/echo a"\n}',
].join("\n");

const TEXT = [
  STATICS,
  GLOBAL.replace(
    "}",
    "  script_user root\n  enable_script_security\n  nftables gate\n  nftables_counters\n}",
  ),
  script("chk", "/usr/bin/true", ["interval 3600", "timeout 5", "weight 10", "rise 2", "fall 3"]),
  script("bad", "/usr/bin/false 'a b'", ["interval 3600", "timeout 7"]),
  instance({
    interval: 1,
    addresses: [
      "10.0.0.100/24",
      "10.0.0.101/24 brd + label eth0:x",
      "10.0.0.102",
      "10.0.0.103 peer 10.0.6.1",
      "10.0.0.104/24 noprefixroute no_track",
      "239.1.1.1 autojoin",
    ],
    excluded: [
      "10.0.0.200/24",
      "2001:db8:1::200/64",
      "2001:db8:1::201/64 home -nodad",
      "2001:db8:2::202/64 mngtmpaddr preferred_lft 100",
      "2001:db8:1::203 preferred_lft forever",
      "2001:db8:1::204/64 preferred_lft 0",
      "2001:db8:1::205 peer 2001:db8:1::206",
    ],
    lines: [
      "promote_secondaries",
      `virtual_routes {\n${ROUTES.join("\n")}\n}`,
      `virtual_rules {\n${RULES.join("\n")}\n}`,
      "authentication {\nauth_type PASS\nauth_pass secret12\n}",
      "track_script {\nchk\n}",
      "track_interface {\nlo\n}",
      `notify_master "/usr/bin/true 'a b'"`,
      "notify /usr/bin/true",
      "garp_master_delay 2",
    ],
  }),
  instance({
    name: "V6",
    vrid: 52,
    version: 3,
    interval: 0.5,
    priority: 90,
    addresses: ["fe80::100/64", "2001:db8:1::100"],
    lines: ["unicast_peer {\nfe80::2\n}", "nopreempt", "notify_deleted", "notify_priority_changes true"],
  }),
  instance({
    name: "LAME",
    vrid: 53,
    addresses: ["10.0.0.110/24"],
    lines: ["no_accept", "track_script {\nbad\n}", "authentication {\nauth_type AH\nauth_pass secret12\n}"],
  }),
  instance({
    name: "VMAC",
    vrid: 54,
    version: 3,
    interval: 0.5,
    addresses: ["10.0.0.120/24"],
    lines: ["use_vmac 02:00:00:00:00:77", "vmac_xmit_base"],
  }),
  instance({
    name: "OTHERS",
    vrid: 55,
    version: 3,
    interval: 0.5,
    addresses: ["10.0.0.130/24", "10.0.0.131/24 use_vmac"],
  }),
].join("\n");

function dumped(daemon: Daemon, file: string): string {
  return `${daemon.file.replace(/\.conf$/, "")}/${file}`;
}

/** Sends a signal by its number and returns the file that it makes. */
async function ask(daemon: Daemon, signal: number, file: string, line: RegExp): Promise<string> {
  const from = daemon.mark();
  // The runtime that runs the tests knows real-time signals as little as that of the daemon.
  const sent = Bun.spawnSync(["/bin/sh", "-c", `kill -${signal} ${daemon.program.pid}`]);
  expect(sent.exitCode).toBe(0);
  const text = await daemon.waitFor(line, from);
  expect(text).toMatch(/process\(\d+\) on signal$/);
  const path = dumped(daemon, file);
  return await until(
    () => existsSync(path) && /\n$/.test(readFileSync(path, "utf8")) ? readFileSync(path, "utf8") : null,
    () => `${path} was not written`,
  );
}

interface Dumps {
  json: string;
  statistics: string;
  data: string;
}

async function take(daemon: Daemon): Promise<Dumps> {
  await daemon.becomes("MASTER");
  for (const name of ["V6", "VMAC", "OTHERS"]) await daemon.becomes("MASTER", name);
  // keepalived says nothing of LAME's way to FAULT, because it was there from the start.
  await daemon.waitFor(/VRRP_Script\(bad\) failed/);
  const data = await ask(daemon, 10, "keepalived.data", /Printing VRRP data for/);
  const statistics = await ask(daemon, 12, "keepalived.stats", /Printing VRRP stats for/);
  return { json: await ask(daemon, 36, "keepalived.json", /Printing VRRP as json for/), statistics, data };
}

/** What is different in every run, or hidden by one of the two on purpose, made equal. */
function masked(text: string): string {
  return text.replace(/"last_transition":\d+\.\d{6},/g, `"last_transition":T,`)
    .replace(/"advert_sent":\d+/g, `"advert_sent":N`)
    .replace(/\b(proto|protocol) 18\b/g, "$1 112")
    .replaceAll(PASSWORD, "********")
    .replace(/(Last transition = )\d+\.\d{6} \(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d\.\d{6} \d{4}\)/g, "$1T")
    .replace(/(Sent: )\d+/g, "$1N");
}

/** The lines of one section of the data file. */
function section(data: string, title: string): string[] {
  const lines = masked(data).split("\n");
  const from = lines.indexOf(`------< ${title} >------`);
  const length = lines.slice(from + 1).findIndex((line) => line.startsWith("------<"));
  return from < 0 ? [] : lines.slice(from + 1, length < 0 ? undefined : from + 1 + length);
}

/** Lines of keepalived that speak of what baton has not: descriptors, and a timer of its main loop. */
const LEFT_OUT = /^ {3}(fd_in \d+, fd_out|Read timeout =)/;

test.concurrent.skipIf(!HAVE)("the dumps of baton are those of keepalived", async () => {
  // Two LANs that are the same: the two must not meet.
  await using lab = await Lab.create({ a: {} });
  await using other = await Lab.create({ a: {} });
  const daemons = [new DumpingBaton(lab.node("a"), TEXT), new DumpingKeepalived(other.node("a"), TEXT)];
  for (const daemon of daemons) mkdirSync(dumped(daemon, ""));
  const [ours, theirs] = await Promise.all(daemons.map((daemon) => take(daemon.start())));
  expect(masked(ours!.json).split(",")).toEqual(masked(theirs!.json).split(","));
  expect(JSON.parse(ours!.json)).toHaveLength(5);
  expect(masked(ours!.statistics)).toBe(masked(theirs!.statistics));
  const topology = section(theirs!.data, "VRRP Topology").filter((line) => !LEFT_OUT.test(line));
  expect(section(ours!.data, "VRRP Topology")).toEqual(topology);
  expect(section(ours!.data, "VRRP Scripts")).toEqual(section(theirs!.data, "VRRP Scripts"));
  for (const title of ["Addresses", "Routes", "Rules", "Track groups"].map((t) => `Static ${t}`)) {
    expect(section(ours!.data, title).length).toBeGreaterThan(1);
    expect(section(ours!.data, title)).toEqual(section(theirs!.data, title));
  }
  expect(section(ours!.data, "VRRP Sync groups")).toEqual(section(theirs!.data, "VRRP Sync groups"));
  // Of the settings and the interfaces baton knows fewer lines; those it has are keepalived's.
  for (const title of ["Global definitions", "Interfaces"]) {
    const lines = section(theirs!.data, title);
    const own = section(ours!.data, title).filter((line) => !/MAC|fe80/.test(line));
    expect(own.length).toBeGreaterThan(4);
    expect(own.filter((line) => !lines.includes(line))).toEqual([]);
  }
  expect(section(ours!.data, "Global definitions")).toContain(" nftables table name = gate");
  expect(statSync(dumped(daemons[0]!, "keepalived.json")).mode & 0o777).toBe(0o600);
  expect(existsSync(dumped(daemons[0]!, "keepalived_parent.data"))).toBe(true);
  expect(Object.values(ours!).join("") + daemons[0]!.log).not.toContain(PASSWORD);
});

test.concurrent("SIGRTMAX-1 writes the statistics and counts from zero, in every dump after it", async () => {
  await using lab = await Lab.create({ a: {} });
  const one = new DumpingBaton(
    lab.node("a"),
    GLOBAL + instance({ version: 3, interval: 0.1, priority: 255 }),
  );
  mkdirSync(dumped(one, ""));
  await one.start().becomes("MASTER");
  const became = /Became master: (\d+)/;
  const first = await ask(one, 63, "keepalived.stats", /Printing and clearing VRRP stats for/);
  expect(became.exec(first)?.[1]).toBe("1");
  const before = statSync(dumped(one, "keepalived.stats")).ino;
  await ask(one, 12, "keepalived.stats", /Printing VRRP stats for/);
  await until(() => statSync(dumped(one, "keepalived.stats")).ino !== before, () => "no second dump");
  expect(became.exec(readFileSync(dumped(one, "keepalived.stats"), "utf8"))?.[1]).toBe("0");
  const json = await ask(one, 36, "keepalived.json", /Printing VRRP as json for/);
  expect(JSON.parse(json)[0].stats.become_master).toBe(0);
  // Those who watch baton itself see no counter go back.
  expect((await one.instance()).counters.master_transitions).toBe(1);
});

// shows: root global_defs
// shows: global_defs state_dump_file, json_dump_file, json_version
test.concurrent("the paths of the file, version 2 of the JSON, and a link in the way", async () => {
  await using lab = await Lab.create({ a: {} });
  const [folder, victim] = [lab.path("dumps"), lab.path("victim")];
  mkdirSync(folder);
  writeFileSync(victim, "precious\n");
  symlinkSync(victim, `${folder}/j.json`);
  const lines = `state_dump_file ${folder}/\n  json_dump_file ${folder}/j.json\n  json_version 2\n}`;
  const text = GLOBAL.replace("}", lines) + instance({ version: 3, interval: 0.1, priority: 255 });
  const one = new Baton(lab.node("a"), text);
  await one.start().becomes("MASTER");
  for (const signal of [36, 10]) Bun.spawnSync(["/bin/sh", "-c", `kill -${signal} ${one.program.pid}`]);
  await until(() => existsSync(`${folder}/keepalived.data`), () => `no data in ${folder}\n${one.log}`);
  await until(() => readFileSync(`${folder}/j.json`, "utf8") !== "precious\n", () => "no JSON");
  expect(readFileSync(`${folder}/j.json`, "utf8")).toMatch(
    /^\{"vrrp":\[\{"data":\{"iname":"VI_1".*\],"track_process":\[\]\}\n$/,
  );
  expect(readFileSync(`${folder}/keepalived_parent.data`, "utf8")).toContain("Router ID = lab");
  expect(readFileSync(victim, "utf8")).toBe("precious\n");
  expect(await one.end("SIGTERM")).toBe(0);
});
