// An engine that was ready long before it begins: what happened meanwhile is no news to it.
import { expect, test } from "bun:test";

/** In a process and a network namespace of its own: it blocks its thread. */
const PROGRAM = `
  import { writeFileSync } from "node:fs";
  import { openEventfd, signalEventfd } from "./native/eventfd.ts";
  import { plainAddress, plainInstance } from "./src/config/plain.ts";
  import { Engine } from "./src/engine/engine.ts";
  import { COUNTER_SLOTS, FLAGS, GLOBAL_COUNTER_SLOTS } from "./src/messages.ts";
  import { PLAIN_BEGINNING } from "./test/support/beginning.ts";
  const ip = (words) => {
    const { exitCode, stderr } = Bun.spawnSync(["ip", ...words.split(" ")]);
    if (exitCode !== 0) throw new Error(words + ": " + stderr);
  };
  // An IPv6 address of the kernel's own would come when it likes.
  writeFileSync("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
  ip("link add eth0 type veth peer name far");
  ip("link set far up");
  ip("link set eth0 up");
  ip("address add 192.0.2.2/24 dev eth0");
  const wakeFd = openEventfd();
  const queue = [];
  const heard = [];
  const post = (message) => {
    if (message.type === "log") heard.push(message.text);
    if (message.type === "state") heard.push(message.state);
    if (message.type !== "applied") return;
    queue.push({ type: "stop" });
    signalEventfd(wakeFd);
  };
  const engine = new Engine({
    mail: null,
    wakeFd,
    stopFd: openEventfd(),
    globalCounters: new SharedArrayBuffer(GLOBAL_COUNTER_SLOTS * 8),
    flags: new SharedArrayBuffer(4 * FLAGS),
    keep: false,
    releaseForeign: false,
    watchAddresses: false,
  }, { post, take: () => queue.shift() });
  for (let i = 0; i < 3; i++) {
    ip("link set eth0 down");
    ip("link set eth0 up");
  }
  engine.begin(PLAIN_BEGINNING);
  const config = plainInstance({
    name: "one",
    interface: "eth0",
    vrid: 51,
    version: 3,
    priority: 255,
    initialState: "MASTER",
    advertIntervalUs: 100_000,
    addresses: [plainAddress("192.0.2.1", 24, "eth0")],
  });
  const counters = new Float64Array(new SharedArrayBuffer(COUNTER_SLOTS * 8));
  const add = [{ id: 1, config, counters, scripts: {}, tracked: {} }];
  queue.push({ type: "apply", plan: { add, change: [], remove: [], interfaceDelays: [], pacing: [] } });
  engine.run();
  console.log(heard.join());
`;

test("an interface that went down and came up before the beginning is neither told of nor followed", () => {
  const command = ["unshare", "--net", process.execPath, "-e", PROGRAM];
  const child = Bun.spawnSync(command, { stderr: "pipe", timeout: 20_000 });
  expect([child.stdout.toString().trim(), child.stderr.toString(), child.exitCode]).toEqual([
    "MASTER,INIT",
    "",
    0,
  ]);
});
