// The services that install writes: judged by the tools of each init system, and run where that can be done.
import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { instance } from "../support/conf.ts";
import { BATON } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { command, Image } from "../support/image.ts";
import { needs } from "../support/peer.ts";
import { until } from "../support/until.ts";

const FOLDER = join(import.meta.dir, "../../src/cli/install");
const SCRIPTS = ["baton.openrc", "baton.procd", "baton.runit-run", "baton.runit-finish"];
const unit = readFileSync(join(FOLDER, "baton.service"), "utf8");

/** All values of a setting of the unit. */
function setting(name: string): string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map((match) => match[1]!);
}

/** The words before a command that leave it the capabilities of the unit. */
function bounded(): string[] {
  const capabilities = setting("CapabilityBoundingSet").join(" ").split(" ").map((name) =>
    `+${name.replace("CAP_", "").toLowerCase()}`
  );
  return ["setpriv", `--bounding-set=-all,${capabilities.join(",")}`];
}

describe("systemd", () => {
  const have = needs("systemd-analyze", "systemd");

  test.skipIf(!have)("finds nothing wrong with the unit", async () => {
    using image = new Image();
    // The program is not installed on this machine: another stands for it.
    image.write("baton.service", unit.replaceAll("/usr/sbin/baton", "/bin/true"));
    const verify = ["systemd-analyze", "verify", "--man=no"];
    expect(await command(...verify, image.path("baton.service"))).toEqual({ code: 0, out: "", error: "" });
    image.write(
      "baton.service",
      unit.replaceAll("/usr/sbin/baton", "/bin/true").replace("Restart=on", "Restart=off"),
    );
    expect((await command(...verify, image.path("baton.service"))).error).toContain("off-failure");
  });

  test("lets the runtime compile, and the engine be in real time", () => {
    expect(setting("MemoryDenyWriteExecute")).toEqual([]);
    expect(setting("RestrictRealtime")).toEqual([]);
    expect(setting("RestrictAddressFamilies").join(" ").split(" ").sort())
      .toEqual(["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_UNIX"]);
    expect(setting("NoNewPrivileges")).toEqual([]);
  });

  test("lets the daemon enter a network namespace, and write kernel parameters", () => {
    expect(setting("RestrictNamespaces")).toEqual(["net"]);
    expect(setting("ProtectKernelTunables")).toEqual([]);
  });

  test("its capabilities are enough: addresses, real time, memory, scripts of other users", async () => {
    await using lab = await Lab.create({ a: {} });
    const node = lab.node("a");
    const seen = lab.path("seen");
    const text = "vrrp_script who {\n" +
      `  script "/bin/sh -c 'id -un >&2; exit 0'"\n  interval 1\n  user nobody\n}\n` +
      `vrrp_script tells {\n  script "/bin/sh -c 'grep CapBnd /proc/self/status >${seen}'"\n  interval 1\n  user root\n}\n` +
      instance({ version: 3, interval: 0.1, lines: ["track_script {", "  who", "  tells", "}"] });
    const file = lab.path("baton.conf");
    await Bun.write(file, text);
    const daemon = [BATON, "run", "-f", file, "--socket", lab.path("s"), "--pid", lab.path("p")];
    const program = node.spawn("baton with bounded capabilities", [...bounded(), ...daemon]);
    await program.waitFor(/Entering MASTER STATE/);
    await until(() => existsSync(seen), () => program.log);
    expect(readFileSync(seen, "utf8")).not.toMatch(/CapBnd:\t0*1ffffffffff/);
    await node.gains("10.0.0.100");
    expect(await program.end("SIGTERM")).toBe(0);
    expect(program.log).not.toMatch(/refused|warning|error/);
  });

  test("its capabilities are enough for what reaches further into the machine", async () => {
    await using lab = await Lab.create({ a: {}, b: {} });
    const [node, other] = [lab.node("a"), lab.node("b")];
    const lines = ["use_vmac", "no_accept", "promote_secondaries", "kernel_rx_buf_size 9000000"];
    const text = [
      `net_namespace ${node.namespace}`,
      "linkbeat_use_polling",
      "global_defs {",
      "  router_id lab",
      "  disable_local_igmp",
      "  vrrp_priority -10",
      "  vrrp_cpu_affinity 0",
      "  vrrp_rlimit_rttime 100000",
      "  vrrp_netlink_cmd_rcv_bufs 9000000",
      "  vrrp_netlink_cmd_rcv_bufs_force true",
      "}",
      "bfd_instance BFD {",
      "  neighbor_ip 10.0.0.2",
      "}",
      instance({ version: 3, interval: 0.1, lines }),
    ].join("\n");
    const file = lab.path("baton.conf");
    await Bun.write(file, text);
    // From elsewhere: it has to enter the namespace.
    const program = other.spawn("baton with bounded capabilities", [
      ...bounded(),
      ...[BATON, "run", "-f", file, "--socket", lab.path("s"), "--pid", lab.path("p")],
    ]);
    await program.waitFor(/Entering MASTER STATE/);
    await node.gains("10.0.0.100");
    expect(await program.end("SIGTERM")).toBe(0);
    expect(program.log).not.toMatch(/refused|warning|error/);
  });
});

describe("shell scripts", () => {
  const shells: [string, string, string[]][] = [
    ["dash", "dash", ["-n"]],
    ["busybox", "busybox-static", ["sh", "-n"]],
  ];
  for (const [shell, debianPackage, words] of shells) {
    test.skipIf(!needs(shell, debianPackage))(`are understood by ${shell}`, async () => {
      for (const script of SCRIPTS) {
        expect(await command(shell, ...words, join(FOLDER, script))).toEqual({ code: 0, out: "", error: "" });
      }
    });
  }

  test.skipIf(!needs("shellcheck", "shellcheck"))("please shellcheck", async () => {
    // 2034, 2154: variables that the init system reads or sets. 2317: functions that it calls.
    const judge = ["shellcheck", "--shell=sh", "--exclude=SC2034,SC2154,SC2317"];
    const debian = ["postinst", "prerm", "postrm"].map((name) =>
      join(FOLDER, "../../../config/packaging/debian", name)
    );
    const done = await command(...judge, ...SCRIPTS.map((name) => join(FOLDER, name)), ...debian);
    expect(done).toEqual({ code: 0, out: "", error: "" });
  });
});

test.skipIf(!needs("busybox", "busybox-static"))(
  "procd is told the program, and to keep it running",
  async () => {
    using image = new Image();
    // What rc.common gives to a script, as an echo.
    const functions = ["procd_open_instance", "procd_set_param", "procd_close_instance", "procd_send_signal"]
      .map((name) => `${name}() { echo "${name} $*"; }`).join("\n");
    const calls = "start_service; reload_service; [ $USE_PROCD = 1 ] && [ $START -gt $STOP ]";
    image.write("all", `${functions}\n${readFileSync(join(FOLDER, "baton.procd"), "utf8")}\n${calls}\n`);
    const done = await command("busybox", "sh", "-e", image.path("all"));
    expect(done).toMatchObject({ code: 0, error: "" });
    expect(done.out.trim().split("\n")).toEqual([
      "procd_open_instance ",
      "procd_set_param command /usr/sbin/baton run",
      "procd_set_param stderr 1",
      "procd_set_param respawn 3600 1 0",
      "procd_set_param term_timeout 30",
      "procd_close_instance ",
      "procd_send_signal baton * HUP",
    ]);
  },
);

describe.skipIf(!needs("runsv", "runit"))("runit", () => {
  test("starts, reloads, restarts after a crash with a clean-up, and gives up on a broken configuration", async () => {
    await using lab = await Lab.create({ a: {} });
    const node = lab.node("a");
    const service = lab.path("service");
    const log = lab.path("log");
    const file = lab.path("baton.conf");
    const configuration = instance({ version: 3, interval: 0.1, lines: ["vip_lease off"] });
    await Bun.write(file, configuration);
    const names = `--socket ${lab.path("s")} --pid ${lab.path("p")}`;
    for (const name of ["run", "finish"]) {
      const text = readFileSync(join(FOLDER, `baton.runit-${name}`), "utf8")
        .replace("baton run --syslog", `baton run -f ${file} ${names} >>${log} 2>&1`)
        .replace("baton cleanup", `baton cleanup ${names} >>${log}`)
        .replaceAll("/usr/sbin/baton", BATON);
      await Bun.write(join(service, name), text);
      chmodSync(join(service, name), 0o755);
    }
    const supervisor = node.spawn("runsv", ["runsv", service]);
    const said = async (pattern: RegExp, from = 0) =>
      await until(
        () => existsSync(log) && pattern.exec(readFileSync(log, "utf8").slice(from)),
        () => `${pattern} was never logged: ${existsSync(log) ? readFileSync(log, "utf8") : "no log"}`,
      );
    const mark = () => readFileSync(log, "utf8").length;
    await said(/Entering MASTER STATE/);
    await node.gains("10.0.0.100");
    let from = mark();
    await node.exec("sv", "hup", service);
    await said(/nothing to change/, from);

    from = mark();
    await node.exec("sv", "kill", service);
    await said(/removed 10\.0\.0\.100\/24 on eth0\n[^]*Entering MASTER STATE/, from);

    await Bun.write(file, configuration + instance({ version: 3, name: "VI_2" }));
    await node.exec("sv", "kill", service);
    await until(
      async () => /^down: .*normally up$/m.test(await node.exec("sh", "-c", `sv status ${service} || true`)),
      () => `the service is not down: ${readFileSync(log, "utf8")}`,
    );
    expect(await node.has("10.0.0.100")).toBe(false);
    await node.exec("sv", "exit", service);
    expect(await supervisor.exited).toBe(0);
  });
});
