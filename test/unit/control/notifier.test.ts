// Who is told of what: scripts, FIFOs and mail of instances and sync groups, over a reload.
import { existsSync } from "node:fs";
import { expect, test } from "bun:test";
import { DEFAULT_FIREWALL } from "../../../src/config/firewall.ts";
import { PLAIN_TUNING } from "../../../src/config/tuning.ts";
import type { Config, NotificationConfig, NotifyConfig } from "../../../src/config/model.ts";
import { plainInstance } from "../../../src/config/plain.ts";
import type { Log } from "../../../src/control/log.ts";
import { Notifier } from "../../../src/control/notifier.ts";
import type { NotifyState, Subject } from "../../../src/notify/script.ts";
import { MailServer } from "../../support/mail_server.ts";
import { DAEMON } from "./daemon_settings.ts";
import { asIs, command, ScriptDirectory } from "../tracking/helpers.ts";

const VI_1: Subject = { kind: "INSTANCE", name: "VI_1" };
const SILENT: NotifyConfig = plainInstance({}).notify;

function config(notifications: Partial<NotificationConfig>): Config {
  return {
    file: "test.conf",
    daemon: DAEMON,
    global: {
      routerId: "lb1",
      enableScriptSecurity: false,
      useSymlinkPaths: false,
      scriptUser: null,
      supplementaryGroups: false,
      realtimePriority: null,
      maxAutoPriority: null,
      ...PLAIN_TUNING,
      disableLocalIgmp: false,
      dumps: { data: null, statistics: null, json: null, jsonVersion: 1 },
      firewall: DEFAULT_FIREWALL,
      notifications: {
        fifos: [],
        statesOnReload: false,
        startup: null,
        shutdown: null,
        mail: null,
        ...notifications,
      },
    },
    instances: [],
    groups: [],
    files: [],
    processes: [],
    bfds: [],
    interfaceDelays: [],
    linkbeat: [],
    pacing: [],
    scripts: [],
    statics: { addresses: [], routes: [], rules: [] },
  };
}

function notifier(notifications: Partial<NotificationConfig>): {
  notifier: Notifier;
  log: string[];
  tell: (state: NotifyState, notify: NotifyConfig, subject?: Subject) => void;
} {
  const log: string[] = [];
  const made = new Notifier(config(notifications), asIs, {
    write: (_level: string, text: string) => void log.push(text),
  } as Log);
  return {
    notifier: made,
    log,
    tell: (state, notify, subject = VI_1) =>
      made.tell({ subject, notify, state, priority: subject.kind === "GROUP" ? 0 : 100, reason: "a reason" }),
  };
}

/** A FIFO whose reader copies everything into `out`. */
function recorder(dir: ScriptDirectory, name = "fifo"): NotificationConfig["fifos"][number] {
  const out = dir.file(`${name}.out`);
  const script = dir.script(`${name}.sh`, `cat "$1" >> ${out}`);
  return { keyword: "notify_fifo", path: `${dir.path}/${name}`, owner: null, script: command(script) };
}

test("mail: each state once, none about faults if so wished, none without smtp_alert, none about rivals", async () => {
  using server = await MailServer.start();
  const mail: NotificationConfig["mail"] = {
    host: "127.0.0.1",
    port: server.port,
    helo: "lb1",
    from: "lb1@example.org",
    to: ["admin@example.org"],
    timeoutUs: 60e6,
    tls: "off",
    tlsVerify: true,
    tlsCaFile: null,
    login: null,
    faults: false,
  };
  const { notifier: all, tell } = notifier({ mail });
  const loud = { ...SILENT, mail: true };
  tell("MASTER", loud);
  tell("MASTER", loud);
  tell("MASTER_RX_LOWER_PRI", loud);
  tell("FAULT", loud);
  tell("MASTER", loud);
  tell("MASTER", loud, { kind: "GROUP", name: "VI_1" });
  tell("BACKUP", SILENT);
  await all.drain();
  expect(server.mails.all.map(({ subject }) => subject)).toEqual([
    "[lb1] VRRP Instance VI_1 - Entering MASTER state",
    "[lb1] VRRP Instance VI_1 - Entering MASTER state",
    "[lb1] VRRP Group VI_1 - Entering MASTER state",
  ]);
  expect(server.mails.all[0]?.data).toContain("Cause: a reason");
});

test("an instance and a group of one name have queues of their own, and the FIFO tells them apart", async () => {
  using dir = new ScriptDirectory();
  const fifo = recorder(dir);
  const { notifier: all, tell, log } = notifier({ fifos: [fifo] });
  const out = dir.file("scripts");
  dir.fifo("gate");
  const slow = dir.script("slow.sh", `read x < ${dir.path}/gate; echo "$*" >> ${out}`);
  const fast = dir.script("fast.sh", `echo "$*" >> ${out}; echo > ${dir.path}/gate`);
  tell("BACKUP", { ...SILENT, any: command(slow) });
  tell("BACKUP", { ...SILENT, any: command(fast) }, { kind: "GROUP", name: "VI_1" });
  await all.drain();
  expect(dir.read("scripts")).toBe("GROUP VI_1 BACKUP 0\nINSTANCE VI_1 BACKUP 100\n");
  expect(dir.read("fifo.out")).toBe('INSTANCE "VI_1" BACKUP 100\nGROUP "VI_1" BACKUP 0\n');
  expect(log.every((line) => line.includes("exited with status 0"))).toBe(true);
});

test("priorities: only where they are wanted, and only of a Master or Backup", async () => {
  using dir = new ScriptDirectory();
  const { notifier: all } = notifier({ fifos: [recorder(dir)] });
  const wanted = { ...SILENT, priorityChanges: true };
  all.priorityChanged(VI_1, wanted, "MASTER", 90);
  all.priorityChanged(VI_1, wanted, "BACKUP", 80);
  all.priorityChanged(VI_1, wanted, "FAULT", 70);
  all.priorityChanged(VI_1, SILENT, "MASTER", 60);
  await all.drain();
  expect(dir.read("fifo.out")).toBe(
    'INSTANCE "VI_1" MASTER_PRIORITY 90\nINSTANCE "VI_1" BACKUP_PRIORITY 80\n',
  );
});

test("a reload: one FIFO goes, one stays, one comes; states again only if so wished", async () => {
  using dir = new ScriptDirectory();
  const [goes, stays, comes] = [recorder(dir, "goes"), recorder(dir, "stays"), recorder(dir, "comes")];
  const { notifier: all, tell, log } = notifier({ fifos: [goes, stays] });
  tell("BACKUP", SILENT);
  all.reload(config({ fifos: [stays, comes] }));
  all.repeatState(VI_1, "BACKUP", 1);
  tell("MASTER", SILENT);
  all.reload(config({ fifos: [stays, comes], statesOnReload: true }));
  all.repeatState(VI_1, "MASTER", 2);
  all.repeatState(VI_1, "INIT", 3);
  await all.drain();
  expect(dir.read("goes.out")).toBe('INSTANCE "VI_1" BACKUP 100\n');
  expect(dir.read("stays.out")).toBe(
    'INSTANCE "VI_1" BACKUP 100\nINSTANCE "VI_1" MASTER 100\nINSTANCE "VI_1" MASTER 2\n',
  );
  expect(dir.read("comes.out")).toBe('INSTANCE "VI_1" MASTER 100\nINSTANCE "VI_1" MASTER 2\n');
  expect([goes, stays, comes].map(({ path }) => existsSync(path))).toEqual([false, false, false]);
  expect(log).toEqual([]);
});
