// track_file and vrrp_track_process in the configuration.
import { expect, test } from "bun:test";
import { instance, load, messages } from "./support.ts";

function tracked(blocks: string, files: string[], processes: string[]): ReturnType<typeof load> {
  const body = `track_file {\n${files.join("\n")}\n}\ntrack_process {\n${processes.join("\n")}\n}`;
  return load(`${blocks}${instance(body)}`);
}

test("files: defaults, weights of the block and of the entry", () => {
  const blocks = 'track_file f {\n file "/run/f"\n}\ntrack_file g {\n file /run/g\n weight -254 reverse\n' +
    " init_file overwrite 7\n}\nvrrp_track_file h {\n file /run/h\n init_file\n}\n";
  const result = tracked(blocks, ["f", "g", "h weight 0 reverse"], []);
  expect(messages(result)).toEqual([
    "9:1 warning: vrrp_track_file is the old spelling of track_file; write track_file",
  ]);
  expect(result.config?.files).toEqual([
    { name: "f", path: "/run/f", weight: 1, reverse: false, init: null },
    { name: "g", path: "/run/g", weight: -254, reverse: true, init: { value: 7, overwrite: true } },
    { name: "h", path: "/run/h", weight: 1, reverse: false, init: { value: 0, overwrite: false } },
  ]);
  expect(result.config?.instances[0]?.trackFiles).toEqual([
    { file: "f", weight: 1, reverse: false },
    { file: "g", weight: -254, reverse: true },
    { file: "h", weight: 0, reverse: true },
  ]);
});

test("processes: words, quorums and delays", () => {
  const blocks =
    'vrrp_track_process p {\n process "/bin/p -x" y\n delay 2\n fork_delay 0.5\n weight 254\n}\n' +
    "vrrp_track_process q {\n process q\n quorum_max 0\n param_match\n full_command\n}\n" +
    "vrrp_track_process r {\n process r\n quorum 3\n param_match partial\n}\n";
  const result = tracked(
    blocks,
    [],
    ["p", "q weight 5", "r noreverse"].map((each) => each.replace(" noreverse", "")),
  );
  expect(messages(result)).toEqual([]);
  expect(result.config?.processes).toMatchObject([
    { words: ["/bin/p", "-x", "y"], parameters: "exact", quorum: 1, terminateDelayUs: 2e6, forkDelayUs: 5e5 },
    { words: ["q"], parameters: "exact", fullCommand: true, quorum: 0, quorumMax: 0, terminateDelayUs: 0 },
    { words: ["r"], parameters: "partial", fullCommand: false, quorum: 3, quorumMax: null },
  ]);
  expect(result.config?.instances[0]?.trackProcesses.map(({ weight }) => weight)).toEqual([254, 5, 0]);
});

test("what is missing, misspelled or unused is said", () => {
  const blocks = "track_file {\n}\ntrack_file f {\n}\ntrack_file g {\n file /g\n init_file 1 x\n}\n" +
    "track_file g {\n file /g\n}\nvrrp_track_process p {\n}\n" +
    "vrrp_track_process q {\n process q\n quorum 3\n quorum_max 2\n}\n";
  const result = tracked(blocks, ["gg"], ["q", "q"]);
  expect(messages(result).map((line) => line.replace(/, so .*/, ""))).toEqual([
    "1:1 error: track_file lacks its name",
    "4:1 warning: track_file f has no file",
    "5:12 warning: no vrrp_instance tracks track_file g",
    '7:14 warning: init_file does not take "x"',
    "9:12 warning: track_file g was defined in line 5 already",
    "13:1 warning: vrrp_track_process p has no process",
    "17:13 warning: vrrp_track_process q wants at least 3 and at most 2 processes",
    "24:1 warning: vrrp_instance VI_1 tracks gg, which no track_file defines",
    "28:1 warning: q is tracked twice",
  ].map((line) => expect.stringContaining(line.replace(/^(24|28):1 /, ""))));
});

test("process without a program ends keepalived; given again, the first counts", () => {
  const bare = tracked("vrrp_track_process p {\n process\n}\n", [], []);
  expect(messages(bare)).toContain("2:2 error: process lacks its argument; write process NAME");
  const second = tracked("vrrp_track_process p {\n process a\n process\n}\n", [], ["p"]);
  expect(messages(second)).toContain("3:2 error: process lacks its argument; write process NAME");
  const twice = tracked("vrrp_track_process p {\n process a\n process b\n}\n", [], ["p"]);
  expect(messages(twice)).toEqual([
    "3:2 warning: process was given in line 2 already, so this one is ignored; delete one",
  ]);
  expect(twice.config?.processes[0]?.words).toEqual(["a"]);
});

test("what is defined below is not tracked, as keepalived reads", () => {
  const script = 'vrrp_script s {\n script "/bin/true"\n}\n';
  const others = "track_file f {\n file /run/f\n}\nvrrp_track_process p {\n process p\n}\n";
  const body = "track_script {\n s\n }\n track_file {\n f\n }\n track_process {\n p\n }";
  const trackers = (result: ReturnType<typeof load>) => {
    const { trackScripts, trackFiles, trackProcesses } = result.config!.instances[0]!;
    return [trackScripts.length, trackFiles.length, trackProcesses.length];
  };
  const below = load(instance(body) + script + others);
  expect(messages(below).filter((each) => each.includes("below"))).toEqual([
    "8:2 warning: vrrp_script s is defined below, in line 17, so it is ignored; move its block up",
    "11:2 warning: track_file f is defined below, in line 20, so it is ignored; move its block up",
    "14:2 warning: vrrp_track_process p is defined below, in line 23, so it is ignored; move its block up",
  ]);
  expect(trackers(below)).toEqual([0, 0, 0]);
  expect(trackers(load(script + others + instance(body)))).toEqual([1, 1, 1]);
  // The order of reading counts, whatever the files are.
  const files = { "/etc/baton/b.conf": script + others };
  expect(trackers(load(`include b.conf\n${instance(body)}`, files))).toEqual([1, 1, 1]);
  expect(trackers(load(`${instance(body)}include b.conf\n`, files))).toEqual([0, 0, 0]);
});

test("YAML: the order means nothing", () => {
  const yaml = `vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    virtual_ipaddress: [192.0.2.10/24]
    track_script: [s]
vrrp_script:
  s:
    script: /bin/true
`;
  const { config } = load(yaml, {}, { path: "/etc/baton/baton.yaml" });
  expect(config?.instances[0]?.trackScripts).toHaveLength(1);
});

test("YAML: a list, a text or nothing", () => {
  const yaml = (init: string) =>
    `track_file: { f: { file: /f, init_file: ${init} } }\nvrrp_track_process: { p: { process: [p, -x] } }\n` +
    "vrrp_instance: { VI_1: { interface: eth0, virtual_router_id: 1, track_file: [f], track_process: { p: { weight: 3 } }, " +
    "virtual_ipaddress: [192.0.2.1] } }\n";
  const inits = ["[4, overwrite]", "4 overwrite", "true", "false", ""].map((init) => {
    const result = load(yaml(init), {}, { path: "/etc/baton/x.yaml" });
    expect(messages(result)).toEqual([]);
    expect(result.config?.processes[0]?.words).toEqual(["p", "-x"]);
    return result.config?.files[0]?.init;
  });
  const both = { value: 4, overwrite: true }, none = { value: 0, overwrite: false };
  expect(inits).toEqual([both, both, none, null, none]);
});

test("interface_up_down_delays: down, then up, which is 0 when left out", () => {
  const result = load(
    `interface_up_down_delays {\n eth0 1.5 2\n eth1 3\n eth2\n eth3 x\n eth4 256\n eth0 1\n}\n${instance()}`,
  );
  expect(result.config?.interfaceDelays).toEqual([
    { interface: "eth0", downUs: 1_500_000, upUs: 2_000_000 },
    { interface: "eth1", downUs: 3_000_000, upUs: 0 },
  ]);
  expect(messages(result).map((line) => line.split(", so ")[0])).toEqual([
    "4:2 warning: eth2 lacks its delays",
    "5:7 warning: the delays of eth3 are not times from 0 to 255 seconds",
    "6:7 warning: the delays of eth4 are not times from 0 to 255 seconds",
    "7:2 warning: eth0 is named twice",
  ]);
});
