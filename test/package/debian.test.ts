// On a real Debian (made by debootstrap): the packages come and go without a trace, and the OpenRC service runs.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VERSION } from "../../src/version.ts";
import { BATON } from "../support/daemon.ts";
import { command, type Done } from "../support/image.ts";
import { needs } from "../support/peer.ts";

/** The base system is fetched and unpacked in about a minute. */
setDefaultTimeout(400_000);

const MIRROR = "http://deb.debian.org/debian";
const PACKAGE = join(import.meta.dir, "../../config/packaging/package.ts");
const have = needs("debootstrap", "debootstrap") && needs("dpkg-deb", "dpkg");

let base = "";
let root = "";

beforeAll(async () => {
  if (!have) return;
  base = mkdtempSync(join(tmpdir(), "baton-debian-"));
  root = join(base, "root");
  writeFileSync(join(base, "other"), "\x7fELF for another machine");
  const [packed, made] = await Promise.all([
    command(
      process.execPath,
      PACKAGE,
      "--quick",
      "--out",
      base,
      "--x64",
      BATON,
      "--arm64",
      join(base, "other"),
    ),
    command("debootstrap", "--variant=minbase", "--include=openrc", "bookworm", root, MIRROR),
  ]);
  expect(packed).toMatchObject({ code: 0, error: "" });
  if (made.code !== 0) throw new Error(`debootstrap failed: ${made.out}${made.error}`);
  for (const name of [`baton_${VERSION}_amd64.deb`, `baton-keepalived_${VERSION}_all.deb`]) {
    cpSync(join(base, name), join(root, "root", name));
  }
  cpSync(BATON, join(root, "root/baton"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/**
 * Runs a script in the root file system: in namespaces of its own, so that its mounts and what it starts go with
 * it. The network is an interface eth0 with 10.0.0.1 and nobody else.
 */
async function inRoot(script: string): Promise<Done> {
  writeFileSync(
    join(root, "root/script"),
    `mount -t proc proc /proc && mount -t tmpfs none /run\n${script}\n`,
  );
  const network = "ip link set lo up; ip link add eth0 type veth peer name far; ip link set eth0 up; " +
    "ip link set far up; ip address add 10.0.0.1/24 dev eth0";
  const outer = `${network}; exec chroot ${root} /bin/sh -e /root/script`;
  return await command("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", outer);
}

/** Every path of the system but what dpkg writes of its own. */
const LISTING =
  "find / -xdev \\( -path /var/lib/dpkg -o -path /var/log -o -path /root -o -path /proc -o -path /run " +
  "-o -path /var/cache -o -path /tmp \\) -prune -o -print | sort";
const QUIET = "export DEBIAN_FRONTEND=noninteractive";
const BATON_DEB = `/root/baton_${VERSION}_amd64.deb`;
const LINK_DEB = `/root/baton-keepalived_${VERSION}_all.deb`;

describe.skipIf(!have)("the Debian package", () => {
  test("is installed, works, starts nothing, is removed and purged; what is left is the administrator's", async () => {
    const done = await inRoot(`
      ${QUIET}
      ${LISTING} >/root/before
      dpkg --install ${BATON_DEB}
      dpkg --verify baton && echo "verified"
      baton version
      ls -d /etc/baton
      ls /proc | grep -c '^[0-9]' >/root/processes
      ls -A /run
      dpkg --install ${BATON_DEB}
      test -s /usr/share/doc/baton/copyright && echo "licences"
      printf 'mine' >/etc/baton/baton.conf
      dpkg --remove baton
      cat /etc/baton/baton.conf; echo
      rm /etc/baton/baton.conf
      dpkg --purge baton
      rmdir /etc/baton 2>/dev/null || true
      ${LISTING} >/root/after
      diff /root/before /root/after && echo "nothing is left"
    `);
    expect(done.code).toBe(0);
    expect(done.out).toContain(`verified\nbaton ${VERSION}\n/etc/baton\n`);
    expect(done.out).toContain("licences\n");
    expect(done.out).toMatch(/Removing baton[^]*\nmine\n/);
    expect(done.out).toEndWith("nothing is left\n");
    expect(done.out).not.toContain("failover is convenient");
    // sh, ls and grep: no daemon.
    expect(Number(readFileSync(join(root, "root/processes"), "utf8"))).toBeLessThanOrEqual(4);
  });

  test("lives beside keepalived; baton-keepalived is the one that takes its place", async () => {
    // A package of that name stands for the real one, which would bring half a system with it.
    const fake = join(root, "root/keepalived");
    mkdirSync(join(fake, "DEBIAN"), { recursive: true });
    mkdirSync(join(fake, "usr/sbin"), { recursive: true });
    const fields =
      "Package: keepalived\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n";
    writeFileSync(join(fake, "DEBIAN/control"), fields);
    writeFileSync(join(fake, "usr/sbin/keepalived"), "the real one\n");
    const done = await inRoot(`
      ${QUIET}
      dpkg-deb --root-owner-group --build /root/keepalived /root/keepalived.deb >/dev/null
      dpkg --install /root/keepalived.deb ${BATON_DEB} >/dev/null
      cat /usr/sbin/keepalived
      dpkg --install ${LINK_DEB} | grep -o 'Removing keepalived'
      keepalived --version 2>&1
      readlink /usr/lib/systemd/system/keepalived.service
      dpkg --remove baton 2>/dev/null || echo "needed"
      dpkg --purge baton-keepalived baton >/dev/null 2>&1
      test ! -e /usr/sbin/keepalived && test ! -e /usr/sbin/baton && echo "gone"
    `);
    expect(done.out).toBe(
      `the real one\nRemoving keepalived\nbaton ${VERSION}, called as keepalived\nbaton.service\nneeded\ngone\n`,
    );
    expect(done.code).toBe(0);
  });
});

test.skipIf(!have)("OpenRC starts, reloads, restarts after a crash and stops the daemon", async () => {
  expect(existsSync(join(root, "sbin/openrc-run"))).toBe(true);
  const configuration = "vrrp_instance VI_1 {\\n interface eth0\\n virtual_router_id 51\\n version 3\\n" +
    " advert_int 0.1\\n vip_lease off\\n virtual_ipaddress {\\n  10.0.0.100/24\\n }\\n}\\n";
  // The directories are those that OpenRC makes when it boots a machine.
  const done = await inRoot(`
    for part in starting started stopping inactive wasinactive failed hotplugged daemons options exclusive; do
      mkdir -p /run/openrc/$part
    done
    touch /run/openrc/softlevel
    export EINFO_COLOR=no
    /root/baton install --enable
    printf '${configuration}' >/etc/baton/baton.conf
    await() { until "$@" >/dev/null 2>&1; do sleep 0.05; done; }
    is_master() { baton status --json | grep -q '"state": "MASTER"'; }
    rc-service --nodeps baton start
    await is_master
    rc-service --nodeps baton status
    first=$(cat /run/baton/*/baton.pid)
    printf 'broken' >>/etc/baton/baton.conf
    rc-service --nodeps baton reload
    kill -9 "$first"
    await is_master
    [ "$(cat /run/baton/*/baton.pid)" != "$first" ] && echo "another daemon"
    rc-service --nodeps baton stop
    rc-service --nodeps baton status || echo "code $?"
    ls -A /run/baton
    rm -r /etc/baton/baton.conf
    baton uninstall
    test ! -e /etc/init.d/baton && test ! -e /etc/runlevels/default/baton && test ! -e /etc/baton && echo "gone"
  `);
  const text = done.out;
  expect(text).toContain(
    "wrote      /etc/init.d/baton\nwrote      /etc/runlevels/default/baton -> /etc/init.d/baton\n",
  );
  expect(text).toMatch(/Starting baton[^]*status: started[^]*Reloading baton[^]*another daemon\n/);
  expect(text).toMatch(/Stopping baton[^]*status: stopped\ncode 3\nremoved /);
  expect(text).toEndWith("gone\n");
  expect(done.code).toBe(0);
});
