// Switching over from keepalived and back again: the lines of the README, beside a keepalived that takes over.
import { expect, test } from "bun:test";
import { chmodSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GLOBAL, instance, VIP } from "../support/conf.ts";
import { BATON, Keepalived } from "../support/daemon.ts";
import { command, type Done } from "../support/image.ts";
import { Lab } from "../support/lab.ts";
import { needs } from "../support/peer.ts";

const README = join(import.meta.dir, "../../src/cli/install/README.md");
const HAVE = needs("keepalived", "keepalived");
const V3 = { version: 3, interval: 0.1 } as const;

/** What stands for systemd: it starts and stops what the unit file of the service says. */
const SYSTEMCTL = `#!/bin/sh -e
pid=/run/$3.started
# What keepalived's unit takes from /etc/default/keepalived.
export DAEMON_ARGS="--log-console"
case "$1 $2" in
"enable --now")
  unit=$(ls /usr/lib/systemd/system/$3.service /lib/systemd/system/$3.service 2>/dev/null | head -n 1)
  setsid sh -c "exec $(sed -n 's/^ExecStart=//p' "$unit")" >/run/$3.log 2>&1 &
  echo $! >$pid ;;
"disable --now")
  kill "$(cat $pid)"
  while kill -0 "$(cat $pid)" 2>/dev/null; do sleep 0.02; done ;;
*) echo "systemctl $*: not of this test" >&2; exit 1 ;;
esac
`;

/** The lines of the sh blocks: first to baton, then back. */
function steps(): string[][] {
  const blocks = [...readFileSync(README, "utf8").matchAll(/^```sh\n([^]*?)^```$/gm)];
  return blocks.map((block) => block[1]!.trim().split("\n"));
}

test.skipIf(!HAVE)(
  "keepalived gives way to baton and comes back; the peer takes over in between",
  async () => {
    await using lab = await Lab.create({ a: {}, b: {} });
    const a = lab.node("a");
    writeFileSync(lab.path("systemctl"), SYSTEMCTL);
    chmodSync(lab.path("systemctl"), 0o755);
    symlinkSync(BATON, lab.path("baton"));
    // A machine of its own: what is installed stays in memory, and goes with the namespace.
    const over = (path: string) => {
      const stem = `/mnt${path}`;
      return `mkdir ${stem} ${stem}-work; mount -t overlay overlay -o lowerdir=${path},upperdir=${stem},workdir=${stem}-work ${path}`;
    };
    const machine = `mount -t tmpfs none /mnt; ${over("/usr")}; ${over("/etc")}; mount -t tmpfs none /run; ` +
      `mkdir -p /etc/keepalived; cat >/etc/keepalived/keepalived.conf; echo ready; exec sleep infinity`;
    const text = GLOBAL + instance({ ...V3, priority: 150 });
    const holder = a.spawn("the machine", [
      "unshare",
      "--mount",
      "sh",
      "-ec",
      `printf '${text.replaceAll("\n", "\\n")}' | ( ${machine} )`,
    ]);
    await holder.waitFor(/^ready$/);
    const type = (line: string): Promise<Done> =>
      command(
        "nsenter",
        `--target=${holder.pid}`,
        "--mount",
        "--net",
        "sh",
        "-c",
        `cd ${lab.directory} && PATH=${lab.directory}:$PATH && ${line}`,
      );
    lab.defer(async () => void await type("kill $(cat /run/*.started) 2>/dev/null"));

    const peer = new Keepalived(lab.node("b"), GLOBAL + instance({ ...V3, priority: 100 })).start();
    expect((await type("systemctl enable --now keepalived")).code).toBe(0);
    await peer.becomes("BACKUP");
    await a.gains(VIP);
    const from = peer.mark();

    const [there, back] = steps() as [string[], string[]];
    expect([there.length, back.length]).toEqual([5, 3]);
    for (const line of there.slice(0, 4)) expect(await type(line)).toMatchObject({ code: 0, error: "" });
    await peer.waitFor(/Entering MASTER STATE/, from);
    await peer.becomes("BACKUP");
    await a.gains(VIP);
    const status = await type(there[4]!);
    expect(status.out).toMatch(/^baton .*keepalived\.conf\n[^]*VI_1 +MASTER/);

    const middle = peer.mark();
    for (const line of back) expect(await type(line)).toMatchObject({ code: 0, error: "" });
    await peer.waitFor(/Entering MASTER STATE/, middle);
    await peer.becomes("BACKUP");
    await a.gains(VIP);
    expect(peer.states(undefined, from)).toEqual(["MASTER", "BACKUP", "MASTER", "BACKUP"]);
    expect((await type("ls /usr/sbin/baton /etc/baton 2>/dev/null")).out).toBe("");
    expect((await type("systemctl disable --now keepalived")).code).toBe(0);
  },
);
