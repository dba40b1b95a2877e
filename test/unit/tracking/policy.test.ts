// As whom scripts run, and when they may not.
import { expect, test } from "bun:test";
import { type Host, type Level, type PolicyOptions, ScriptPolicy } from "../../../src/tracking/policy.ts";
import { command, ScriptDirectory } from "./helpers.ts";

const PASSWD = "root:x:0:0:::\nnobody:x:65534:65533:::\nchecker:x:990:991:::\n";

class Machine {
  readonly dir = new ScriptDirectory();
  readonly lines: [Level, string][] = [];
  readonly host: Host;

  constructor(passwd = PASSWD, uid = 0) {
    this.host = {
      uid,
      passwdFile: this.dir.file("passwd", passwd),
      groupFile: this.dir.file("group", "root:x:0:\ncheckers:x:77:\n"),
      path: `${this.dir.path}:/bin`,
    };
  }

  policy(options: Partial<PolicyOptions> = {}): ScriptPolicy {
    const all = { enableScriptSecurity: false, scriptUser: null, ...options };
    return new ScriptPolicy(all, (level, text) => this.lines.push([level, text]), this.host);
  }

  [Symbol.dispose](): void {
    this.dir[Symbol.dispose]();
  }
}

const ROOT = { user: "root", group: null };

test("default: keepalived_script if it exists", () => {
  using machine = new Machine(`${PASSWD}keepalived_script:x:500:501:::\n`);
  expect(machine.policy().prepare(command("/usr/bin/true"))).toEqual({
    words: ["/usr/bin/true"],
    identity: { uid: 500, gid: 501 },
    refused: null,
  });
  expect(machine.lines).toEqual([]);
});

test("default: else nobody, with one warning that names the cure, never root", () => {
  using machine = new Machine();
  const policy = machine.policy();
  for (let run = 0; run < 3; run++) {
    expect(policy.prepare(command("/usr/bin/true"))).toMatchObject({ identity: { uid: 65534, gid: 65533 } });
  }
  expect(machine.lines.length).toBe(1);
  expect(machine.lines[0]?.[1]).toContain(
    "default user 'keepalived_script' for script execution does not exist",
  );
  expect(machine.lines[0]?.[1]).toContain("script_user root");
});

test("default: no passwd file at all is still not root", () => {
  using machine = new Machine("");
  expect(machine.policy().prepare(command("/usr/bin/true"))).toMatchObject({
    identity: { uid: 65534, gid: 65534 },
  });
});

test("the script's own user wins over script_user; a group replaces the user's", () => {
  using machine = new Machine();
  const policy = machine.policy({ scriptUser: ROOT });
  expect(policy.prepare(command("/usr/bin/true"))).toMatchObject({ identity: { uid: 0, gid: 0 } });
  const own = (user: string, group: string | null) =>
    policy.prepare({ words: ["/usr/bin/true"], identity: { user, group } });
  expect(own("checker", null)).toMatchObject({ identity: { uid: 990, gid: 991 } });
  expect(own("checker", "checkers")).toMatchObject({ identity: { uid: 990, gid: 77 } });
  expect(own("4711", "4712")).toMatchObject({ identity: { uid: 4711, gid: 4712 } });
});

test("a user or group that does not exist refuses the script", () => {
  using machine = new Machine();
  const policy = machine.policy();
  expect(policy.prepare({ words: ["/usr/bin/true"], identity: { user: "ghost", group: null } })).toEqual({
    refused: "user ghost does not exist: create it, or name another one",
  });
  expect(policy.prepare({ words: ["/usr/bin/true"], identity: { user: "root", group: "ghosts" } })).toEqual({
    refused: "group ghosts does not exist: create it, or name another one",
  });
});

test("an ordinary user runs scripts as itself and says so once", () => {
  using machine = new Machine(PASSWD, 1000);
  const policy = machine.policy({ scriptUser: ROOT });
  expect(policy.prepare(command("/usr/bin/true"))).toEqual({
    words: ["/usr/bin/true"],
    identity: null,
    refused: null,
  });
  policy.prepare(command("/usr/bin/true"));
  expect(machine.lines.map(([, text]) => text)).toEqual([
    "scripts run as uid 1000, not as root: only root may change the user",
  ]);
});

test("a bare name is resolved over the search path, with keepalived's remark once", () => {
  using machine = new Machine();
  const script = machine.dir.script("check", "");
  const policy = machine.policy({ scriptUser: { user: "checker", group: null } });
  expect(policy.prepare(command("check", "a"))).toMatchObject({ words: [script, "a"] });
  policy.prepare(command("check", "b"));
  expect(machine.lines).toEqual([
    [
      "warning",
      `WARNING - script \`check\` resolved by path search to \`${script}\`. Please specify full path.`,
    ],
  ]);
  expect(policy.prepare(command("no-such-program"))).toEqual({
    refused: "no-such-program is not in any directory of the search path: give its full path",
  });
});

test("enable_script_security: a root script that others may write is refused, and the component is named", () => {
  using machine = new Machine();
  const script = machine.dir.script("s.sh", "");
  const policy = machine.policy({ enableScriptSecurity: true, scriptUser: ROOT });
  for (const words of [[script], ["/bin/sh", script]]) {
    const { refused } = policy.prepare(command(...words));
    expect(refused).toStartWith(
      `Unsafe permissions found for script '${script}': /tmp may be written by everybody (mode 1777) - disabling`,
    );
  }
  expect(policy.prepare(command("/usr/bin/true"))).toMatchObject({ refused: null });
});

test("enable_script_security: the same script as an unprivileged user is fine", () => {
  using machine = new Machine();
  const policy = machine.policy({ enableScriptSecurity: true, scriptUser: { user: "checker", group: null } });
  expect(policy.prepare(command(machine.dir.script("s.sh", "")))).toMatchObject({ refused: null });
});

test("without enable_script_security the same is one warning", () => {
  using machine = new Machine();
  const script = machine.dir.script("s.sh", "");
  const policy = machine.policy({ scriptUser: ROOT });
  expect(policy.prepare(command(script))).toMatchObject({ refused: null, identity: { uid: 0 } });
  policy.prepare(command(script));
  expect(machine.lines.length).toBe(1);
  expect(machine.lines[0]?.[1]).toStartWith(
    `SECURITY VIOLATION - Unsafe permissions found for script '${script}': /tmp `,
  );
});

test("an empty command is refused", () => {
  using machine = new Machine();
  expect(machine.policy().prepare(command())).toEqual({ refused: "the command is empty: name a program" });
});

test("all groups of the user, where that is wanted", () => {
  using machine = new Machine();
  const file = machine.dir.file(
    "groups",
    "root:x:0:\nchecker:x:991:\nssl:x:50:www,checker\nnot:x:51:checker2,xchecker\nadm:x:52:checker\nno:x::checker\n",
  );
  machine.host.groupFile = file;
  const as = (user: string, group: string | null, supplementaryGroups: boolean) =>
    machine.policy({ supplementaryGroups, scriptUser: { user, group } }).prepare(command("/usr/bin/true"));
  for (const user of ["checker", "990"]) {
    expect(as(user, null, true)).toMatchObject({ identity: { uid: 990, gid: 991, groups: [991, 50, 52] } });
  }
  expect(as("checker", "adm", true)).toMatchObject({ identity: { uid: 990, gid: 52, groups: [52, 50] } });
  expect(as("root", null, true)).toMatchObject({ identity: { uid: 0, gid: 0, groups: [0] } });
  expect(as("checker", null, false)).toMatchObject({ identity: { uid: 990, gid: 991 } });
  expect(as("checker", null, false)).not.toHaveProperty("identity.groups");
});
