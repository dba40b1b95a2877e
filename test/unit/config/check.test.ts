// What check says beyond single lines: the machine, secrets, exit status, rendering.
import { describe, expect, test } from "bun:test";
import { maskSecrets, renderDiagnostic, Report } from "../../../src/config/diagnostic.ts";
import { exitCode } from "../../../src/config/load.ts";
import { lintHosts, lintMachine, type Probes } from "../../../src/config/machine.ts";
import { Text } from "../../../src/config/text.ts";
import { instance, load, messages, rendered } from "./support.ts";

describe("the machine", () => {
  const text = `global_defs {
  script_user scripts
}
vrrp_script chk {
  script "/bin/chk -x"
}
${
    instance(
      'track_interface {\n eth1\n }\n track_script {\n chk\n }\n notify "n.sh" alice staff',
      "VI_1",
      51,
      "192.0.2.1 dev eth2",
    )
  }`;
  const everything: Probes = {
    interfaceExists: () => true,
    isVrf: () => true,
    program: () => "ok",
    userExists: () => true,
    groupExists: () => true,
    processors: () => 2,
  };

  test("a sync group, whose settings are not all programs, is looked at too", () => {
    const group = `vrrp_sync_group G {\n group {\n VI_1\n }\n smtp_alert\n notify_master /bin/none\n}\n`;
    const { config, places, placed } = load(`${instance()}${group}`);
    if (config === null || placed === null) throw new Error("the text is right");
    const found = lintMachine(config, { ...everything, program: () => "missing" }, places, placed.globals);
    expect(found.map(({ message }) => message.split(",")[0])).toEqual([
      "/bin/none does not exist on this machine",
    ]);
  });

  test("it is said at each place, as keepalived does, also of what nothing uses", () => {
    const { config, places, placed } = load(`global_defs {
  vrrp_cpu_affinity 0 1 2
}
vrrp_script idle {
  script /bin/none
  user ghost
}
static_ipaddress {
  192.0.2.7/24 dev eth7
}
${instance("virtual_routes {\n 198.51.100.0/24 dev eth7\n }\n virtual_rules {\n iif eth8 table 9\n }")}`);
    if (config === null || placed === null) throw new Error("the text is right");
    const found = lintMachine(
      config,
      {
        ...everything,
        interfaceExists: (name) => name === "eth0",
        program: () => "missing",
        userExists: () => false,
      },
      places,
      placed.globals,
    );
    expect(found.map(({ line, column, message }) => `${line}:${column} ${message.split(",")[0]}`)).toEqual([
      "2:25 this machine has no processor 2",
      "5:10 /bin/none does not exist on this machine",
      "6:8 this machine has no user ghost",
      "9:20 this machine has no interface eth7",
      "18:22 this machine has no interface eth7",
      "21:6 this machine has no interface eth8",
    ]);
  });

  test("a mail server without an address, whether or not somebody gets mail", async () => {
    const { places } = load(`global_defs {\n  smtp_server mail.example.org 26\n}\n${instance()}`);
    const asked: string[] = [];
    const found = (there: boolean) =>
      lintHosts("f", places, (host) => (asked.push(host), Promise.resolve(there)));
    expect(await found(true)).toEqual([]);
    expect((await found(false)).map(({ line, column, severity, message }) => ({
      line,
      column,
      severity,
      message,
    }))).toEqual([{
      line: 2,
      column: 15,
      severity: "warning",
      message:
        "this machine finds no address of mail.example.org, so no mail gets there; write an IP address, " +
        "or add it to /etc/hosts",
    }]);
    expect(asked).toEqual(["mail.example.org", "mail.example.org"]);
  });

  test("what it lacks is a warning at its place", () => {
    const { config, places, placed } = load(text);
    if (config === null || placed === null) throw new Error("the text is right");
    expect(lintMachine(config, everything, places, placed.globals)).toEqual([]);
    const nothing: Probes = {
      interfaceExists: () => false,
      isVrf: () => false,
      program: (word) => word === "n.sh" ? "missing" : "not executable",
      userExists: () => false,
      groupExists: () => false,
      processors: () => 2,
    };
    const found = lintMachine(config, nothing, places, placed.globals);
    expect(found.every(({ severity }) => severity === "warning")).toBe(true);
    expect(found.map(({ line, column, message }) => `${line}:${column} ${message.split(",")[0]}`)).toEqual([
      "2:15 this machine has no user scripts",
      "5:10 /bin/chk is not executable",
      "6:1 this machine has no user scripts",
      "8:13 this machine has no interface eth0",
      "11:19 this machine has no interface eth2",
      "14:2 this machine has no interface eth1",
      "17:2 this machine has no user scripts",
      "19:9 n.sh does not exist on this machine",
      "19:16 this machine has no user alice",
      "19:22 this machine has no group staff",
    ]);
  });
});

describe("interfaces that are missing", () => {
  const NONE: Probes = {
    interfaceExists: () => false,
    isVrf: () => false,
    program: () => "ok",
    userExists: () => true,
    groupExists: () => true,
    processors: () => 2,
  };

  /** The places that lintMachine names, also of a text with errors. */
  function missing(text: string): string[] {
    const { understood, places } = load(text);
    if (understood === null) throw new Error("there is a file");
    return lintMachine(understood.config, NONE, places, understood.placed.globals).map((
      { line, column, message },
    ) => `${line}:${column} ${message.split(",")[0]?.replace("this machine has no interface ", "")}`);
  }

  const ROUTES = "virtual_routes {\n 10.9.0.0/24 dev eth1\n }\n virtual_rules {\n from 10.9.0.1 iif eth1\n }";

  test("are told at each place", () => {
    const text = instance(ROUTES) + instance("", "VI_2", 52, "192.0.2.2/24 dev eth1");
    expect(missing(text)).toEqual(["2:13 eth0", "8:18 eth1", "11:20 eth1", "15:13 eth0", "18:22 eth1"]);
  });

  test("are told in a text with errors too", () => {
    const text = instance() + instance("virtual_router_id", "VI_2", 52);
    expect(load(text).config).toBeNull();
    expect(missing(text)).toEqual(["2:13 eth0", "10:13 eth0"]);
  });

  test("a VRF that is none is told where a route names it, a missing one as the interface that it is", () => {
    const { config, places, placed } = load(
      instance("virtual_routes {\n 10.9.0.0/24 dev eth0 vrf eth0\n 10.9.1.0/24 dev eth0 vrf red\n }"),
    );
    if (config === null || placed === null) throw new Error("the text is right");
    const found = (vrf: string) => {
      const probes = {
        ...NONE,
        interfaceExists: (name: string) => name !== "blue",
        isVrf: (name: string) => name === vrf,
      };
      return lintMachine(config, probes, places, placed.globals).map(({ line, column, message }) =>
        `${line}:${column} ${message.split(",")[0]}`
      );
    };
    expect(found("red")).toEqual(["8:27 eth0 is no VRF"]);
    expect(found("blue")).toEqual(["8:27 eth0 is no VRF", "9:27 red is no VRF"]);
    expect(
      lintMachine(config, NONE, places, placed.globals).map(({ line, message }) =>
        `${line} ${message.split(",")[0]}`
      ),
    )
      .toEqual(
        [2, 8, 8, 9, 9].map((line, i) => `${line} this machine has no interface ${i === 4 ? "red" : "eth0"}`),
      );
  });

  test("are not those that baton makes", () => {
    const body = "use_vmac\n virtual_routes {\n 10.9.0.0/24 dev vrrp.51\n }";
    expect(missing(instance(body))).toEqual([
      "2:13 eth0",
      "9:18 keepalived looks for vrrp.51 before it makes it",
    ]);
    const named = instance("use_vmac v51", "VI_1", 51, "192.0.2.1 dev v51");
    expect(missing(named)).toEqual(["2:13 eth0", "5:19 keepalived looks for v51 before it makes it"]);
    const dynamic = "global_defs {\n dynamic_interfaces\n}\n";
    expect(missing(dynamic + instance(body))).toEqual(["5:13 eth0"]);
    expect(missing(dynamic + named)).toEqual(["5:13 eth0"]);
  });
});

describe("secrets", () => {
  test("no diagnostic shows a password", () => {
    const secret = "hunter2";
    const bodies = [
      `auth_type PASS\n auth_pass ${secret}${secret}`,
      `auth_type PASS\n auth_pass ${secret} ${secret}`,
      `auth_pass ${secret}`,
      `auth_typ PASS auth_pass ${secret}`,
      `auth_type PASS auth_pass ${secret}`,
      `auth_type ${""}\n auth_pas ${secret}`,
      `auth_type PASS\n auth_pass\n ${secret}`,
      `auth_type PASS\n auth_pass "${secret}`,
      `auth_type PASS\n auth_pass { ${secret} }`,
      `auth-pass ${secret}`,
    ];
    for (const body of bodies) {
      const result = load(instance(`authentication {\n ${body}\n }`));
      expect(result.diagnostics.length, body).toBeGreaterThan(0);
      expect(rendered(result), body).not.toContain(secret);
    }
    for (const value of [`[${secret}]`, `{ a: ${secret} }`, `${secret}longer`, `"${secret}`]) {
      const text =
        `vrrp_instance:\n  A:\n    interface: eth0\n    virtual_router_id: 1\n    virtual_ipaddress: [192.0.2.1]\n` +
        `    authentication: { auth_type: PASS, auth_pass: ${value} }\n`;
      const result = load(text, {}, { path: "/x.yaml" });
      expect(result.diagnostics.length, value).toBeGreaterThan(0);
      expect(rendered(result), value).not.toContain(secret);
    }
  });

  test("other lines stay as they are", () => {
    expect(maskSecrets("  auth_type PASS;", 13, 5)).toEqual({
      text: "  auth_type PASS;",
      column: 13,
      length: 5,
    });
    expect(maskSecrets("script /usr/bin/check_pass x", 8, 20).text).toBe("script /usr/bin/check_pass x");
  });
});

describe("the same identity twice", () => {
  const pair = (a: string, b: string) =>
    load(instance(a, "A", 1, "192.0.2.1") + instance(b, "B", 1, "192.0.2.2"));

  test("is an error that names both", () => {
    const result = pair("", "");
    expect(result.config).toBeNull();
    expect(messages(result)).toEqual([
      "11:21 error: A and B both use VRID 1 with IPv4 on eth0; give one of them another virtual_router_id",
    ]);
  });

  test("does not concern unicast beside multicast, other groups, or other interfaces", () => {
    expect(messages(pair("", "unicast_peer {\n10.0.0.3\n}"))).toEqual([]);
    expect(messages(pair("unicast_peer {\n10.0.0.4\n}", "unicast_peer {\n10.0.0.3\n}"))).toEqual([]);
    expect(messages(pair("", "mcast_dst_ip 224.0.0.99"))).toEqual([]);
    expect(messages(pair("", "interface eth1")).filter((text) => text.includes("error"))).toEqual([]);
  });

  test("is a warning between unicast instances with one peer", () => {
    const unicast = "unicast_peer {\n10.0.0.3\n}";
    expect(messages(pair(unicast, unicast))[0]).toContain("warning: A and B both use VRID 1");
  });
});

describe("showing diagnostics", () => {
  const source = { file: "f", number: 3, text: "\tпрог 東京 x y" };
  const diagnostic = (column: number, length: number, text = source.text) => {
    const report = new Report("f");
    report.warning({ source: { ...source, text }, column, length }, "the thing; the cure", "z");
    return renderDiagnostic(report.diagnostics()[0]!, false);
  };

  test("the caret stands under the place, also after tabs and wide characters", () => {
    expect(diagnostic(10, 1)).toBe(
      'f:3:10: warning: the thing; the cure (did you mean "z"?)\n    \tпрог 東京 x y\n    \t          ^',
    );
  });

  test("a long line is cut around its place, and control characters cannot act", () => {
    expect(diagnostic(501, 3, `${"a".repeat(500)}bbb${"c".repeat(500)}`).split("\n")[1]).toContain("abbbc");
    expect(diagnostic(1, 1, "\x1b[31mred\x07")).not.toContain("\x1b");
  });

  test("colours are added on demand", () => {
    const report = new Report("f");
    report.error(null, "gone");
    expect(renderDiagnostic(report.diagnostics()[0]!, true)).toContain("\x1b[1;31merror:\x1b[0m gone");
  });

  test("exit status is 0, 1 or 2", () => {
    const report = new Report("f");
    expect(exitCode(report.diagnostics())).toBe(0);
    report.warning(null, "a");
    expect(exitCode(report.diagnostics())).toBe(1);
    report.error(null, "b");
    expect(exitCode(report.diagnostics())).toBe(2);
  });

  test("thousands of warnings are counted, errors always shown", () => {
    const result = load(`${Array.from({ length: 5000 }, (_, i) => `word${i}\n`).join("")}vrrp_script {\n}\n`);
    expect(result.diagnostics.length).toBe(202);
    expect(result.config).toBeNull();
    expect(result.diagnostics.at(-1)?.message).toBe(
      "4800 more warnings are not shown; cure the ones above first",
    );
  });
});

describe("places", () => {
  test("text remembers its columns through slices and replacements", () => {
    const line = Text.line({ file: "f", number: 1, text: "  abc $X def" });
    const joined = Text.join(line.source, [
      line.slice(0, 6),
      line.standIn(6, 8, "longer value"),
      line.slice(8),
    ]);
    expect(joined.text).toBe("  abc longer value def");
    const span = (word: string) => {
      const at = joined.text.indexOf(word);
      const { column, length } = joined.span(at, at + word.length);
      return [column, length];
    };
    expect(span("abc")).toEqual([3, 3]);
    expect(span("value")).toEqual([7, 2]);
    expect(span("def")).toEqual([10, 3]);
    expect(span("abc longer value def")).toEqual([3, 10]);
    expect(joined.trim().slice(4, 10).span()).toMatchObject({ column: 7, length: 2 });
  });
});
