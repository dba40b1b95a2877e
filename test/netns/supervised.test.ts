// Under a service manager: what it is told, what scripts do not inherit, and the clean-up after a kill.
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { GLOBAL, instance, script, VIP } from "../support/conf.ts";
import { BATON, Baton } from "../support/daemon.ts";
import { DatagramReceiver } from "../support/datagrams.ts";
import { Lab } from "../support/lab.ts";
import { Program } from "../support/program.ts";
import { until } from "../support/until.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;

/** baton with the environment that systemd gives to a service of Type=notify. */
class Supervised extends Baton {
  readonly environment: Record<string, string> = {};

  protected override words(): string[] {
    const variables = Object.entries(this.environment).map(([name, value]) => `${name}=${value}`);
    return ["env", ...variables, ...super.words()];
  }
}

test.concurrent("start, reload, refused reload and stop are told; the watchdog is fed", async () => {
  await using lab = await Lab.create({ a: {} });
  using manager = new DatagramReceiver(lab.path("notify"));
  const baton = new Supervised(lab.node("a"), GLOBAL + instance(V3));
  Object.assign(baton.environment, { NOTIFY_SOCKET: lab.path("notify"), WATCHDOG_USEC: "400000" });
  baton.start();
  expect(await manager.waitFor(/^READY=1\nSTATUS=1 instance: 1 (INIT|BACKUP)\n$/)).toBe(0);
  await baton.becomes("MASTER");
  await manager.waitFor(/^STATUS=1 instance: 1 MASTER\n$/);
  await manager.waitFor(/^WATCHDOG=1\n$/);

  const told = manager.read().length;
  expect(await baton.reload(GLOBAL + instance({ ...V3, priority: 140 }))).toContain("reload: ");
  const reloading = await manager.waitFor(/^RELOADING=1\nMONOTONIC_USEC=\d+\n$/, told);
  const again = await manager.waitFor(/^READY=1\n/, reloading);

  const broken = instance(V3) + instance({ ...V3, name: "VI_2" });
  expect(await baton.reload(broken)).toContain("refused");
  const refused = await manager.waitFor(/^RELOADING=1\n/, again);
  await manager.waitFor(/^READY=1\n/, refused);

  expect(await baton.end("SIGTERM")).toBe(0);
  const stopping = await manager.waitFor(/^STOPPING=1\nEXTEND_TIMEOUT_USEC=\d+\n$/);
  expect(manager.read().slice(stopping).some((text) => /READY|RELOADING|WATCHDOG/.test(text))).toBe(false);
});

test.concurrent("an engine that is at rest feeds the watchdog too; a script hears nothing of it", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  using manager = new DatagramReceiver(lab.path("notify"));
  await node.unplug();
  const seen = lab.path("environment");
  const text = GLOBAL +
    script("env", `/bin/sh -c 'env > ${seen}.new; mv ${seen}.new ${seen}'`, ["interval 1"])
      .replace("user nobody", "user root") +
    instance({ ...V3, lines: ["track_script {", "  env", "}"] });
  const baton = new Supervised(node, text);
  const path = lab.path("notify");
  Object.assign(baton.environment, {
    NOTIFY_SOCKET: path,
    WATCHDOG_USEC: "300000",
    WATCHDOG_PID: "",
    KEPT: "1",
  });
  baton.start();
  await baton.becomes("FAULT");
  let at = await manager.waitFor(/^WATCHDOG=1\n$/);
  for (let i = 0; i < 3; i++) at = await manager.waitFor(/^WATCHDOG=1\n$/, at + 1);
  const environment = await until(
    () => existsSync(seen) && readFileSync(seen, "utf8"),
    () => `the script never ran:\n${baton.log}`,
  );
  expect(environment).toContain("KEPT=1");
  expect(environment).not.toMatch(/NOTIFY_SOCKET|WATCHDOG/);
  expect(await baton.end("SIGTERM")).toBe(0);
});

test.concurrent("cleanup removes what SIGKILL has left, and nothing while a daemon runs", async () => {
  await using lab = await Lab.create({ a: { commands: ["address add 10.0.0.99/24 dev eth0"] } });
  const node = lab.node("a");
  const baton = new Baton(node, GLOBAL + instance({ ...V3, lines: ["vip_lease off"] })).start();
  await baton.becomes("MASTER");
  await baton.shows((i) => i.addresses.every((a) => a.held));
  const cleanup = ["cleanup", "--socket", baton.socket, "--pid", baton.pidFile];
  const inNode = ["ip", "netns", "exec", node.namespace, BATON, ...cleanup];

  const early = new Program("cleanup", inNode);
  expect(await early.exited).toBe(1);
  expect(early.log).toBe(
    `baton: a daemon runs (behind ${baton.socket}): stop it first, then nothing is left to clean up`,
  );
  expect(await node.has(VIP)).toBe(true);

  await baton.program.kill();
  expect(await node.has(VIP)).toBe(true);
  expect(await node.exec(BATON, ...cleanup)).toBe(`removed ${VIP}/24 on eth0\n`);
  expect(await node.addresses()).not.toContain(`${VIP}/24`);
  expect(await node.addresses()).toContain("10.0.0.99/24");
  expect(baton.runtimeFiles.filter((file) => existsSync(file))).toEqual([]);
  expect(await node.exec(BATON, ...cleanup)).toBe("");
});
