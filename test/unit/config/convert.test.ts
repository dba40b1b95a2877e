// convert: what it writes to the letter, where comments go, and what it refuses.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Conversion, convert } from "../../../src/config/convert.ts";
import type { Syntax } from "../../../src/config/tree.ts";
import { instance, type MemoryFile, memoryFiles } from "./support.ts";

function converted(text: string, to: Syntax, more: Record<string, MemoryFile> = {}): Conversion {
  const path = to === "yaml" ? "/etc/x.conf" : "/etc/x.yaml";
  return convert(
    path,
    { hostName: "alpha", environment: {}, files: memoryFiles({ ...more, [path]: text }) },
    to,
  );
}

function said({ diagnostics }: Conversion): string[] {
  return diagnostics.map(({ line, severity, message }) => `${line} ${severity}: ${message}`);
}

const CONF = `! Configuration File

# Names this machine.
global_defs {
    router_id "the first"    # behind
}
vrrp_instance VI_1 {         # behind the brace
    # above
    interface eth0
    virtual_router_id 51
    advert_int 0.1
    version 3
    nopreempt                ! bang
    virtual_ipaddress {
        # in a list
        192.0.2.10/24 dev eth0  # an address
        # end of the list
    }
    notify "/bin/sh -c 'echo \\$1 # none'" root
    virtual_routes {
        10.0.0.0/8 dev eth0  # kept
    }
    # end of the block
}
# end of the file
`;

const YAML = `# Configuration File
# Names this machine.
global_defs:
  router_id: the first # behind

vrrp_instance:
  VI_1: # behind the brace
    # above
    interface: eth0
    virtual_router_id: 51
    advert_int: 100ms
    version: 3
    nopreempt: true # bang
    virtual_ipaddress:
      # in a list
      - 192.0.2.10/24 dev eth0 # an address
      # end of the list
    notify: { command: [/bin/sh, -c, "echo $1 # none"], user: root }
`;

describe("keepalived.conf to YAML", () => {
  test("comments stand where they stood, and what has no effect is a comment", () => {
    const result = converted(CONF.replace("virtual_routes", "no_such_routes"), "yaml");
    expect(result.text).toBe(
      `${YAML}    # no_such_routes {
    #     10.0.0.0/8 dev eth0 # kept
    # }
    # end of the block
# end of the file
`,
    );
    expect(said(result)).toEqual([
      "20 warning: no_such_routes has no effect here, so it becomes a comment; nothing else changes",
    ]);
  });

  test("definitions, repetitions, conditions and includes are written out, with the comments of the parts", () => {
    const text = `$N=192.0.2\n@alpha include part\n@beta include none\n` +
      instance("", "A", 1, "~SEQ(i,2) ${N}.${i}/24");
    const part = `# of the part\n${instance("", "B", 2)}`;
    const { text: result, diagnostics } = converted(text, "yaml", { "/etc/part": part });
    expect(diagnostics).toEqual([]);
    expect(result).toBe(
      `vrrp_instance:
  # of the part
  B:
    interface: eth0
    virtual_router_id: 2
    virtual_ipaddress:
      - 192.0.2.10/24

  A:
    interface: eth0
    virtual_router_id: 1
    virtual_ipaddress:
      - 192.0.2.1/24
      - 192.0.2.2/24
`,
    );
  });

  test("of a keyword that is given twice the one that counts is kept", () => {
    const { text } = converted(instance("priority 120\npriority 130\nstate BACKUP\nstate MASTER"), "yaml");
    expect(text).toContain("    # priority 120\n    priority: 130\n    state: BACKUP\n    # state MASTER\n");
  });

  test("what reads as something else in YAML is quoted", () => {
    const { text } = converted(
      `global_defs {\nrouter_id null\n}\n${instance("", "0x10")}${instance("", '"a: b"', 52, "192.0.2.11")}`,
      "yaml",
    );
    expect(text).toContain('router_id: "null"\n');
    expect(text).toContain('  "0x10":\n');
    expect(text).toContain('  "a: b":\n');
  });

  test("a value that keepalived.conf tolerates and YAML does not: refused with its line", () => {
    const result = converted(instance("", "V", 1, "192.0.2.1/99"), "yaml");
    expect(result.text).toBeNull();
    expect(said(result)[1]).toMatch(/^5 error: YAML takes no such line/);
  });

  test("a file with errors is not converted, nor one that is YAML already", () => {
    expect(converted("vrrp_script {\n}\n", "yaml").text).toBeNull();
    const yaml = convert("/x.yaml", { hostName: "a", files: memoryFiles({ "/x.yaml": "" }) }, "yaml");
    expect(said(yaml)).toEqual(["0 error: the file is YAML already; write --to conf"]);
    const missing = convert("/none.conf", { hostName: "a", files: memoryFiles({}) }, "yaml");
    expect(said(missing)).toEqual(["0 error: the file does not exist; correct the path"]);
  });
});

/** An instance in YAML, with more of it in flow style. */
function yamlInstance(more: string): string {
  const instance = `interface: e, virtual_router_id: 1, virtual_ipaddress: [192.0.2.1], ${more}`;
  return `vrrp_instance: { V: { ${instance} } }`;
}

describe("YAML to keepalived.conf", () => {
  test("comments stand where they stood", () => {
    expect(converted(YAML, "conf")).toEqual({
      diagnostics: [],
      text: `# Configuration File
# Names this machine.
global_defs {
    router_id "the first" # behind
}

vrrp_instance VI_1 { # behind the brace
    # above
    interface eth0
    virtual_router_id 51
    advert_int 0.1
    version 3
    nopreempt # bang
    virtual_ipaddress {
        # in a list
        192.0.2.10/24 dev eth0 # an address
    }
    # end of the list
    notify "/bin/sh -c 'echo $1 # none'" root
}
`,
    });
  });

  test("a flag that is false says its opposite", () => {
    expect(converted(yamlInstance("preempt: false"), "conf").text).toContain("    nopreempt\n");
    expect(converted(yamlInstance("nopreempt: false"), "conf").text).toContain("    preempt\n");
  });

  test("times in seconds, quotes where a word needs them", () => {
    const { text } = converted(
      'vrrp_instance: { "a b": { interface: e, virtual_router_id: 1, advert_int: 2500ms, version: 3,' +
        " virtual_ipaddress: [192.0.2.1], notify: [/x, 'it''s', \"\\n\\\"\", ''] } }",
      "conf",
    );
    expect(text).toContain('vrrp_instance "a b" {\n');
    expect(text).toContain("    advert_int 2.5\n");
    expect(text).toContain(String.raw`    notify "/x 'it\\'s' '\012\042' ''"` + "\n");
  });

  test("what no quotes can protect is refused with its line", () => {
    const result = converted("global_defs:\n  router_id: 'a\"b'\n", "conf");
    expect(result.text).toBeNull();
    expect(said(result)[0]).toMatch(/^2 error: keepalived.conf cannot say this, since .* double quote/);
    const secrets = {
      smtp_password: `global_defs: { smtp_server: s, smtp_user: u, smtp_password: 'hid"den' }`,
      auth_pass: yamlInstance(`version: 2, authentication: { auth_type: PASS, auth_pass: 'hid"den' }`),
    };
    for (const [name, text] of Object.entries(secrets)) {
      const secret = converted(text, "conf");
      expect(said(secret)[0]).toMatch(
        new RegExp(`keepalived.conf cannot say this, since what ${name} holds`),
      );
      expect(JSON.stringify(secret)).not.toContain("den");
    }
    const replaced = converted("global_defs:\n  router_id: '${_HASH}'\n", "conf");
    expect(said(replaced)[0]).toMatch(/^2 error: keepalived.conf cannot say this/);
  });
});

describe("every keyword that has effect", () => {
  const folder = join(import.meta.dir, "../../golden/config/good");
  for (const name of readdirSync(folder).filter((each) => /^\d.*\.(conf|yaml)$/.test(each))) {
    test(name, () => {
      const { text, diagnostics } = convert(join(folder, name), {
        hostName: "alpha.example.org",
        environment: { SITE: "north" },
        random: () => 0.5,
      }, name.endsWith("yaml") ? "conf" : "yaml");
      expect(diagnostics).toEqual([]);
      expect(text).not.toBeNull();
    });
  }
});

describe("the samples", () => {
  for (const name of ["keepalived.conf", "baton.yaml"]) {
    test(`${name} keeps every comment`, () => {
      const path = join(import.meta.dir, "../../../config", name);
      const to = name.endsWith("yaml") ? "conf" : "yaml";
      const { text, diagnostics } = convert(path, { hostName: "a" }, to);
      expect(diagnostics).toEqual([]);
      const comments = readFileSync(path, "utf8").split("\n").flatMap((line) =>
        /[#!] ?(.*)$/.exec(line.replace(/# yaml-language-server.*/, ""))?.[1] ?? []
      );
      expect(comments.length).toBeGreaterThan(3);
      for (const comment of comments) expect(text).toContain(`# ${comment}\n`);
    });
  }
});

describe("what is named above its definition", () => {
  test("does nothing in keepalived.conf, so it becomes a comment in YAML", () => {
    const script = 'vrrp_script s {\nscript "/bin/true"\n}\n';
    const result = converted(`${instance("track_script {\ns\n}")}${script}`, "yaml");
    expect(result.text).toContain("    track_script: []\n      # s\n");
    expect(said(result)).toEqual([
      "8 warning: this has no effect as it stands, so it becomes a comment; correct or delete it",
    ]);
  });

  test("is named below it in keepalived.conf made of YAML, whose order means nothing", () => {
    const { text, diagnostics } = converted(
      `global_defs:
  router_id: a
vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    virtual_ipaddress: [192.0.2.1/24]
    track_script: [s]
# of the script
vrrp_script:
  s: { script: /bin/true }
# the end
`,
      "conf",
    );
    expect(diagnostics).toEqual([]);
    expect(text).toBe(`global_defs {
    router_id a
}

# of the script
vrrp_script s {
    script "/bin/true"
}

vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.1/24
    }
    track_script {
        s
    }
}
# the end
`);
  });
});
