// baton install and uninstall on images: idempotent, never over what somebody has changed, and gone without a trace.
import { expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { BATON } from "../support/daemon.ts";
import { baton, command, Image } from "../support/image.ts";

/** A small executable in the place of the 100 MB one: `--binary` is the same code. */
function small(image: Image, text = ""): string[] {
  image.write("small", `\x7fELF${text}`);
  return ["--root", image.root, "--binary", image.path("small")];
}

test("this program itself is installed, and works there", async () => {
  using image = new Image();
  const done = await baton("install", "--root", image.root);
  expect(done).toMatchObject({ code: 0, error: "" });
  const installed = image.path("usr/sbin/baton");
  expect(readFileSync(installed).equals(readFileSync(BATON))).toBe(true);
  expect(statSync(installed).mode & 0o7777).toBe(0o755);
  expect((await command(installed, "version")).out).toBe((await baton("version")).out);
  // The installed one updates itself: nothing to do.
  const again = await command(installed, "install", "--root", image.root);
  expect(again.out).toContain(`unchanged  ${installed}`);
  expect((await command(installed, "uninstall", "--root", image.root)).code).toBe(0);
  expect(image.list()).toEqual([]);
});

test("a second time changes nothing; uninstall leaves the image as it was; and so twice", async () => {
  using image = new Image({ "etc/": "", "usr/lib/systemd/systemd": "" });
  const words = small(image);
  const before = image.list();
  const first = await baton("install", ...words, "--enable", "--keepalived-link");
  expect(first).toMatchObject({ code: 0, error: "" });
  expect(image.list()).toEqual([
    "etc/",
    "etc/baton/",
    "etc/baton/baton.conf.sample 644",
    "etc/systemd/",
    "etc/systemd/system/",
    "etc/systemd/system/multi-user.target.wants/",
    "etc/systemd/system/multi-user.target.wants/baton.service -> /usr/lib/systemd/system/baton.service",
    "small 644",
    "usr/",
    "usr/lib/",
    "usr/lib/baton/",
    "usr/lib/baton/installed.json 644",
    "usr/lib/systemd/",
    "usr/lib/systemd/system/",
    "usr/lib/systemd/system/baton.service 644",
    "usr/lib/systemd/systemd 644",
    "usr/sbin/",
    "usr/sbin/baton 755",
    "usr/sbin/keepalived -> baton",
  ]);
  const once = image.list();
  const second = await baton("install", ...words, "--enable", "--keepalived-link");
  expect(second.code).toBe(0);
  expect(second.out).not.toMatch(/wrote|replaced|left/);
  expect(image.list()).toEqual(once);
  expect((await baton("uninstall", "--root", image.root)).code).toBe(0);
  expect(image.list()).toEqual(before);
  const nothing = await baton("uninstall", "--root", image.root);
  expect(nothing).toMatchObject({ code: 0, error: "" });
  expect(nothing.out).toContain("nothing is installed");
});

test("an update replaces what nobody has changed, and names what somebody has", async () => {
  using image = new Image({ "usr/lib/systemd/systemd": "" });
  await baton("install", ...small(image, "old"));
  const unit = "usr/lib/systemd/system/baton.service";
  image.write(unit, "# mine\n");
  const done = await baton("install", ...small(image, "new"));
  expect(done.code).toBe(0);
  expect(image.read("usr/sbin/baton")).toBe("\x7fELFnew");
  expect(image.read(unit)).toBe("# mine\n");
  expect(done.out).toContain(`left       ${image.path(unit)}: it has been changed since it was installed`);
  const gone = await baton("uninstall", "--root", image.root);
  expect(gone.out).toContain(`left       ${image.path(unit)}: it has been changed`);
  expect(image.read(unit)).toBe("# mine\n");
  expect(existsSync(image.path("usr/sbin/baton"))).toBe(false);
  const foreign = await baton("install", ...small(image));
  expect(foreign.out).toContain(`left       ${image.path(unit)}: it was not installed by baton`);
  await baton("install", ...small(image), "--force");
  expect(image.read(unit)).toContain("ExecStart=/usr/sbin/baton run");
});

test("a program that baton did not install is left, and that is a failure", async () => {
  using image = new Image({ "usr/sbin/baton": "somebody else's" });
  const done = await baton("install", ...small(image));
  expect(done.code).toBe(1);
  expect(done.out).toContain("it was not installed by baton; --force replaces it");
  expect(image.read("usr/sbin/baton")).toBe("somebody else's");
  await baton("uninstall", "--root", image.root);
  expect(image.read("usr/sbin/baton")).toBe("somebody else's");
});

test("a dry run says all and does nothing", async () => {
  using image = new Image({ "etc/sv/": "" });
  const words = small(image);
  const before = image.list();
  const done = await baton("install", ...words, "--dry-run", "--keepalived-link");
  expect(done.code).toBe(0);
  expect(done.out.trim().split("\n")).toEqual([
    `would write ${image.path("usr/sbin/baton")}`,
    `would write ${image.path("usr/sbin/keepalived")} -> baton`,
    `would write ${image.path("etc/sv/baton/run")}`,
    `would write ${image.path("etc/sv/baton/finish")}`,
    `would write ${image.path("etc/baton/baton.conf.sample")}`,
  ]);
  expect(image.list()).toEqual(before);
  await baton("install", ...words);
  const installed = image.list();
  const gone = await baton("uninstall", "--root", image.root, "--dry-run");
  expect(gone.out).toContain(`would remove ${image.path("usr/sbin/baton")}`);
  expect(image.list()).toEqual(installed);
});

test("keepalived's command is never replaced", async () => {
  for (const path of ["usr/sbin/keepalived", "usr/local/sbin/keepalived"]) {
    using image = new Image({ [path]: "the real one" });
    const done = await baton("install", ...small(image), "--keepalived-link");
    expect(done.code).toBe(1);
    expect(done.error).toBe(
      `baton: ${image.path(path)} exists: remove keepalived first, or leave --keepalived-link away\n`,
    );
    expect(image.read(path)).toBe("the real one");
    expect(existsSync(image.path("usr/sbin/baton"))).toBe(false);
  }
});

test("no sample where there is a configuration, and no configuration is ever touched", async () => {
  for (const file of ["etc/baton/baton.yaml", "etc/baton/baton.conf", "etc/keepalived/keepalived.conf"]) {
    using image = new Image({ [file]: "mine" });
    const done = await baton("install", ...small(image), "--force");
    expect(done.out).not.toContain("sample");
    expect(existsSync(image.path("etc/baton/baton.conf.sample"))).toBe(false);
    const gone = await baton("uninstall", "--root", image.root, "--force");
    expect(gone.out).toContain(`left       ${image.path(file)}: it is yours`);
    expect(image.read(file)).toBe("mine");
  }
});

test("the sample is a configuration that checks", async () => {
  using image = new Image();
  await baton("install", ...small(image));
  const sample = image.path("keepalived.conf");
  image.write("keepalived.conf", image.read("etc/baton/baton.conf.sample"));
  // Warnings name what this machine lacks.
  expect([0, 1]).toContain((await baton("check", sample)).code);
});

test("the image shows which init system it has", async () => {
  const found: [Record<string, string>, string[]][] = [
    [{ "usr/lib/systemd/systemd": "" }, ["usr/lib/systemd/system/baton.service"]],
    [{ "lib/systemd/systemd": "", "sbin/openrc-run": "" }, ["usr/lib/systemd/system/baton.service"]],
    [{ "lib/systemd/system/": "", "sbin/openrc-run": "" }, ["etc/init.d/baton"]],
    [{ "sbin/procd": "" }, ["etc/init.d/baton"]],
    [{ "etc/rc.common": "" }, ["etc/init.d/baton"]],
    [{ "etc/runit/": "" }, ["etc/sv/baton/run", "etc/sv/baton/finish"]],
    [{}, []],
  ];
  const services = [
    "usr/lib/systemd/system/baton.service",
    "etc/init.d/baton",
    "etc/sv/baton/run",
    "etc/sv/baton/finish",
  ];
  for (const [files, expected] of found) {
    using image = new Image(files);
    await baton("install", ...small(image));
    expect(services.filter((path) => existsSync(image.path(path)))).toEqual(
      expected.toSorted((a, b) => services.indexOf(a) - services.indexOf(b)),
    );
  }
  using image = new Image({ "sbin/procd": "" });
  await baton("install", ...small(image), "--init", "openrc", "--enable");
  expect(image.read("etc/init.d/baton")).toStartWith("#!/sbin/openrc-run");
  expect(image.list()).toContain("etc/runlevels/default/baton -> /etc/init.d/baton");
});

test("another prefix is in every file", async () => {
  for (
    const [init, file] of [["systemd", "usr/local/lib/systemd/system/baton.service"], [
      "runit",
      "etc/sv/baton/run",
    ]]
  ) {
    using image = new Image();
    await baton("install", ...small(image), "--prefix", "/usr/local/", "--init", init!);
    expect(image.read(file!)).toContain("/usr/local/sbin/baton run");
    expect(image.read(file!).replaceAll("/usr/local/sbin", "")).not.toContain("/usr/sbin/baton");
    expect(existsSync(image.path("usr/local/sbin/baton"))).toBe(true);
    expect((await baton("uninstall", "--root", image.root, "--prefix", "/usr/local")).code).toBe(0);
    expect(image.list()).toEqual(["small 644"]);
  }
});

test("links of the image are followed inside of the image", async () => {
  using image = new Image({ "data/": "", "conf/": "", "usr/": "" });
  using outside = new Image();
  // As an image has it: absolute, and not meant for the machine that builds.
  symlinkSync("/data", image.path("usr/sbin"));
  symlinkSync("../../../../../../../../conf", image.path("etc"));
  const done = await baton("install", ...small(image), "--init", "runit");
  expect(done.code).toBe(0);
  expect(existsSync(image.path("data/baton"))).toBe(true);
  expect(existsSync(image.path("conf/sv/baton/run"))).toBe(true);
  expect(outside.list()).toEqual([]);
  await baton("uninstall", "--root", image.root);
  expect(image.list()).toEqual([
    "conf/",
    "data/",
    "etc -> ../../../../../../../../conf",
    "small 644",
    "usr/",
    "usr/sbin -> /data",
  ]);
});

test("bad input gets one sentence", async () => {
  using image = new Image({ file: "", "usr/lib/baton/installed.json": "[]" });
  const cases: [string[], number, RegExp][] = [
    [
      ["--root", image.path("file")],
      1,
      /^baton: .*file is not a directory: name the root of the image with --root\n$/,
    ],
    [["--prefix", "../x"], 64, /^baton: --prefix \.\.\/x makes no sense: name an absolute path/],
    [["--prefix", "/a b"], 64, /^baton: --prefix \/a b makes no sense/],
    [
      ["--init", "upstart"],
      64,
      /^baton: --init upstart is unknown: use systemd, openrc, procd, runit, none\n$/,
    ],
    [["--binary", image.path("file")], 1, /^baton: .*file is not an executable: name a program of baton's/],
    [
      ["--binary", image.path("none")],
      1,
      /^baton: .*none cannot be read \(ENOENT\): check that the path exists\n$/,
    ],
    [["--init", "none", "--enable"], 64, /^baton: --enable needs an init system/],
    [["--binary", BATON], 1, /^baton: .*installed.json is not a record of an installation/],
    [
      ["--binary", BATON, "--prefix", "/file"],
      1,
      /^baton: .*\(ENOTDIR\): a part of the path is a file: move it away\n$/,
    ],
    [["--what"], 64, /see baton install --help\n$/],
  ];
  for (const [words, code, error] of cases) {
    const done = await baton("install", "--root", image.root, ...words);
    expect(done.error).toMatch(error);
    expect(done).toMatchObject({ code, out: "" });
  }
});

test("Debian's package and its files are left to apt", async () => {
  using image = new Image({ "var/lib/dpkg/info/baton.list": "" });
  const done = await baton("install", ...small(image));
  expect(done.code).toBe(1);
  expect(done.error).toContain("update it with apt, or remove it first");
});

test("who may not write is told so", async () => {
  using image = new Image();
  chmodSync(image.root, 0o755);
  rmSync(join(image.root, "x"), { force: true });
  const done = await command(
    "setpriv",
    "--reuid=65534",
    "--clear-groups",
    BATON,
    "install",
    "--root",
    image.root,
  );
  expect(done.code).toBe(1);
  expect(done.error).toBe(
    `baton: ${image.path("usr")} cannot be made (EACCES): run as root, or name a tree of yours with --root\n`,
  );
});

test("a daemon that runs keeps its program", async () => {
  // Only on the live system: the daemon of this network namespace is asked.
  const script = `
    set -e
    mount -t tmpfs none /run && mount -t tmpfs none /usr/local && mkdir -p /run/x && ip link set lo up
    cp ${BATON} /run/baton-under-test
    printf 'vrrp_instance V {\\n interface lo\\n virtual_router_id 1\\n virtual_ipaddress {\\n 192.0.2.1\\n }\\n}\\n' >/run/c.conf
    /run/baton-under-test install --prefix /usr/local --init none
    /usr/local/sbin/baton run -f /run/c.conf 2>/dev/null &
    until /usr/local/sbin/baton status >/dev/null 2>&1; do sleep 0.05; done
    /usr/local/sbin/baton uninstall --prefix /usr/local 2>&1 || echo "code $?"
    kill $! && wait $!
    /usr/local/sbin/baton uninstall --prefix /usr/local
    ls -A /usr/local
  `;
  const done = await command("unshare", "--mount", "--net", "sh", "-c", script);
  expect(done.out).toMatch(/baton: a daemon runs \(pid \d+\): stop it first.*\ncode 1\n/);
  expect(done.out).toContain("removed    /usr/local/sbin/baton\n");
  expect(done.out).toEndWith("removed    /usr/local/sbin/baton\n");
  expect(done.code).toBe(0);
});
