// FIFOs, mail and scripts of events, told by the daemon: order, reload, deletion, stop.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { instance, script, VIP } from "../support/conf.ts";
import { advert4, Injector } from "../support/craft.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Received } from "../support/mail_server.ts";
import { until } from "../support/until.ts";

const V3 = { version: 3, interval: 0.1 } as const;

/** global_defs with these lines. */
function globals(...lines: string[]): string {
  return ["global_defs {", "  router_id lab", ...lines.map((line) => `  ${line}`), "}", ""].join("\n");
}

/** A directory of the lab where every user may write, as scripts need it. */
function openDirectory(lab: Lab): string {
  const path = lab.path("open");
  mkdirSync(path);
  chmodSync(path, 0o777);
  return path;
}

function program(lab: Lab, name: string, body: string): string {
  const path = lab.path(name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

/** A reader as notify_fifo_script: says that it runs, then copies what it reads into a file. */
function recorder(lab: Lab, directory: string, name = "out"): { script: string; lines: () => string[] } {
  const file = `${directory}/${name}`;
  writeFileSync(file, "");
  chmodSync(file, 0o666);
  const path = program(
    lab,
    `${name}.sh`,
    `echo reads >> ${file}; while read -r line; do echo "$line" >> ${file}; done < "$1"`,
  );
  return { script: path, lines: () => readFileSync(file, "utf8").split("\n").filter((line) => line !== "") };
}

// shows: global_defs notify_fifo, notify_fifo_script, vrrp_notify_fifo, vrrp_notify_fifo_script
// shows: global_defs vrrp_notify_priority_changes, fifo_write_vrrp_states_on_reload
test.concurrent("FIFOs hear every event up to the stop, after a reload too, and both get each line", async () => {
  await using lab = await Lab.create({ a: {} });
  const directory = openDirectory(lab);
  const flag = `${directory}/healthy`;
  writeFileSync(flag, "");
  const all = recorder(lab, directory, "all");
  const vrrp = recorder(lab, directory, "vrrp");
  const fifos = [
    `notify_fifo ${lab.path("all.fifo")}`,
    `notify_fifo_script ${all.script}`,
    `vrrp_notify_fifo ${lab.path("vrrp.fifo")}`,
    `vrrp_notify_fifo_script ${vrrp.script}`,
    "vrrp_notify_priority_changes",
  ];
  const check = script("chk", `/usr/bin/test -e ${flag}`, ["interval 0.2", "weight -60"]);
  const tracked = (more: string[], priority = 150) =>
    globals(...fifos, ...more) + check +
    instance({ ...V3, priority, lines: ["track_script {", "  chk", "}"] });
  const a = new Baton(lab.node("a"), tracked([])).start();
  await a.becomes("MASTER");
  rmSync(flag);
  await until(() => all.lines().length >= 4, () => `the change of priority never came:\n${a.log}`);
  const mark = a.mark();
  a.write(tracked(["fifo_write_vrrp_states_on_reload"]));
  a.signal("SIGHUP");
  await a.waitFor(/reload: .*notifications changed/, mark);
  await until(() => all.lines().length >= 5, () => `the state after the reload never came:\n${a.log}`);
  await a.end("SIGTERM");
  const expected = [
    "reads",
    'INSTANCE "VI_1" BACKUP 150',
    'INSTANCE "VI_1" MASTER 150',
    'INSTANCE "VI_1" MASTER_PRIORITY 90',
    'INSTANCE "VI_1" MASTER 90',
    'INSTANCE "VI_1" STOP 90',
  ];
  expect(all.lines()).toEqual(expected);
  expect(vrrp.lines()).toEqual(expected);
  expect(existsSync(lab.path("all.fifo"))).toBe(false);
});

// shows: vrrp_instance notify_deleted
test.concurrent("an instance that a reload takes away is at fault, or deleted if it says so", async () => {
  await using lab = await Lab.create({ a: {} });
  const directory = openDirectory(lab);
  const out = recorder(lab, directory);
  const record = program(lab, "record.sh", `echo "$*" >> ${directory}/scripts`);
  const head = globals(`notify_fifo ${lab.path("fifo")}`, `notify_fifo_script ${out.script}`);
  const stays = instance({ ...V3, name: "A", vrid: 1, addresses: ["10.0.0.101/24"] });
  const silent = instance({ ...V3, name: "B", vrid: 2, addresses: ["10.0.0.102/24"] });
  const deleted = instance({
    ...V3,
    name: "C",
    vrid: 3,
    addresses: ["10.0.0.103/24"],
    lines: [`notify_deleted "${record} deleted"`, `notify "${record} any"`],
  });
  const a = new Baton(lab.node("a"), head + stays + silent + deleted).start();
  for (const name of ["A", "B", "C"]) await a.becomes("MASTER", name);
  a.write(head + stays);
  a.signal("SIGHUP");
  await until(() => out.lines().length >= 9, () => `both have gone never came:\n${a.log}`);
  await a.end("SIGTERM");
  const last = (name: string) => out.lines().filter((line) => line.startsWith(`INSTANCE "${name}"`)).at(-1);
  expect(last("A")).toBe('INSTANCE "A" STOP 100');
  expect(last("B")).toBe('INSTANCE "B" FAULT 100');
  expect(last("C")).toBe('INSTANCE "C" DELETED 100');
  expect(readFileSync(`${directory}/scripts`, "utf8")).toBe([
    "any INSTANCE C BACKUP 100\n",
    "any INSTANCE C MASTER 100\n",
    "deleted\n",
    "any INSTANCE C DELETED 100\n",
  ].join(""));
});

// shows: vrrp_instance notify_master_rx_lower_pri
test.concurrent("a master that hears a lower one says so", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const directory = openDirectory(lab);
  const out = recorder(lab, directory);
  const record = program(lab, "record.sh", `echo "$*" >> ${directory}/scripts`);
  const head = globals(`notify_fifo ${lab.path("fifo")}`, `notify_fifo_script ${out.script}`);
  const lines = [`notify_master_rx_lower_pri "${record} lower"`];
  const a = new Baton(lab.node("a"), head + instance({ ...V3, priority: 150, lines })).start();
  await a.becomes("MASTER");
  const rival = await Injector.on(lab.node("b"));
  rival.send(advert4({ version: 3, interval: 100, priority: 99, addresses: [VIP] }));
  await until(() => existsSync(`${directory}/scripts`), () => `the script never came:\n${a.log}`);
  await until(() => out.lines().length >= 4, () => `the line never came:\n${a.log}`);
  expect(out.lines()[3]).toBe('INSTANCE "VI_1" MASTER_RX_LOWER_PRI 150');
  expect(readFileSync(`${directory}/scripts`, "utf8").split("\n")[0]).toBe("lower");
  await a.end("SIGTERM");
});

// shows: global_defs smtp_alert
test.concurrent("a FIFO that nobody reads, and a mail server that never answers, hold nothing up", async () => {
  await using lab = await Lab.create({ a: {} });
  const fifo = lab.path("fifo");
  const fill = `mkfifo ${fifo}; exec 3<> ${fifo}; head -c 65536 /dev/zero >&3; echo full; exec sleep 600`;
  await lab.node("a").spawn("filler", ["sh", "-c", fill]).waitFor(/full/);
  const a = new Baton(
    lab.node("a"),
    globals(
      `notify_fifo ${fifo}`,
      "notification_email {",
      "  admin@example.org",
      "}",
      "smtp_server 10.0.0.99",
      "smtp_alert",
    ) + instance(V3),
  ).start();
  await a.becomes("MASTER");
  expect((await a.instance()).state).toBe("MASTER");
  expect(await a.end("SIGTERM")).toBe(0);
  expect(a.log).toContain(`the FIFO ${fifo} is full, so lines are lost`);
  for (const what of ["Entering BACKUP state", "Entering MASTER state", "Stopping"]) {
    expect(a.log).toContain(`mail "[lab] VRRP Instance VI_1 - ${what}" is not sent: `);
  }
});

// shows: global_defs router_id, notification_email, notification_email_from, smtp_server, smtp_helo_name
// shows: global_defs no_email_faults, startup_script, shutdown_script
// shows: vrrp_instance smtp_alert
test.concurrent("mail about each new state, but not about faults; startup and shutdown scripts around it all", async () => {
  await using lab = await Lab.create({ a: {} });
  const directory = openDirectory(lab);
  const record = program(lab, "record.sh", `sleep 0.1; echo "$*" >> ${directory}/scripts`);
  const server = lab.node("a").spawn("mail server", [
    process.execPath,
    join(import.meta.dir, "../support/mail_child.ts"),
    "25",
  ]);
  await server.waitFor(/listening/);
  const a = new Baton(
    lab.node("a"),
    globals(
      "notification_email {",
      "  admin@example.org ops@example.org",
      "}",
      "notification_email_from lb1@example.org",
      "smtp_server 127.0.0.1",
      "smtp_helo_name lb1.example.org",
      "no_email_faults",
      `startup_script "${record} startup"`,
      `shutdown_script "${record} shutdown"`,
    ) + instance({
      ...V3,
      lines: ["smtp_alert", `notify "${record}"`],
    }),
  ).start();
  await a.becomes("MASTER");
  await lab.node("a").unplug();
  await a.becomes("FAULT");
  await a.end("SIGTERM");
  const mails = server.lines.filter((line) => line.startsWith("{")).map((line) =>
    JSON.parse(line) as Received
  );
  expect(mails.map(({ subject }) => subject)).toEqual([
    "[lab] VRRP Instance VI_1 - Entering BACKUP state",
    "[lab] VRRP Instance VI_1 - Entering MASTER state",
    "[lab] VRRP Instance VI_1 - Stopping",
  ]);
  expect(mails[1]).toMatchObject({
    from: "lb1@example.org",
    to: ["admin@example.org", "ops@example.org"],
    helo: "lb1.example.org",
  });
  expect(mails[1]?.data).toContain("=> VRRP instance VI_1 is now owning the VRRP VIPs <=");
  expect(readFileSync(`${directory}/scripts`, "utf8")).toBe([
    "startup\n",
    "INSTANCE VI_1 BACKUP 100\n",
    "INSTANCE VI_1 MASTER 100\n",
    "INSTANCE VI_1 FAULT 100\n",
    "INSTANCE VI_1 STOP 100\n",
    "shutdown\n",
  ].join(""));
});

// shows: global_defs smtp_alert_vrrp, smtp_connect_timeout
// shows: vrrp_instance notify_priority_changes
test.concurrent("who is mailed about, how long a silent mail server is waited for, whose priorities are told", async () => {
  await using lab = await Lab.create({ a: {} });
  const directory = openDirectory(lab);
  const flag = `${directory}/healthy`;
  writeFileSync(flag, "");
  const out = recorder(lab, directory);
  // It takes the connection and says nothing.
  const listen = "require('node:net').createServer(() => {}).listen(25, () => console.log('listening'))";
  const env = { BUN_BE_BUN: "1" };
  await lab.node("a").spawn("silent mail server", [process.execPath, "-e", listen], env).waitFor(/listening/);
  const lines = ["track_script {", "  chk", "}"];
  const text = globals(
    "notification_email {",
    "  admin@example.org",
    "}",
    "smtp_server 127.0.0.1",
    "smtp_connect_timeout 1",
    "smtp_alert off",
    "smtp_alert_vrrp",
    `notify_fifo ${lab.path("fifo")}`,
    `notify_fifo_script ${out.script}`,
  ) + script("chk", `/usr/bin/test -e ${flag}`, ["interval 0.2", "weight -60"]) +
    instance({ ...V3, lines: ["notify_priority_changes", ...lines] }) +
    instance({
      ...V3,
      name: "VI_2",
      vrid: 52,
      addresses: ["10.0.0.101/24"],
      lines: ["smtp_alert off", ...lines],
    });
  const a = new Baton(lab.node("a"), text).start();
  await a.becomes("MASTER");
  await a.becomes("MASTER", "VI_2");
  await a.waitFor(/mail ".* VI_1 - Entering BACKUP state": .* it is tried again/);
  rmSync(flag);
  await a.shows((i) => i.priority.effective === 40, "VI_2");
  await until(() => out.lines().some((line) => line.includes("_PRIORITY")), () => `no line came:\n${a.log}`);
  await a.end("SIGTERM");
  expect(out.lines().filter((line) => line.includes("_PRIORITY"))).toEqual([
    'INSTANCE "VI_1" MASTER_PRIORITY 40',
  ]);
  expect(a.log).not.toContain("VI_2 - Entering");
});
