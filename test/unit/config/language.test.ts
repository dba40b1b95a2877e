// The language of keepalived.conf: characters, comments, quotes, braces, conditions, definitions, repetitions.
import { describe, expect, test } from "bun:test";
import { instance, load, messages } from "./support.ts";

/** router_id of a file whose global_defs holds the line. */
function routerId(line: string, before = "", options = {}): string | undefined {
  return load(`${before}global_defs {\n${line}\n}\n${instance()}`, {}, options).config?.global.routerId;
}

/** Advertised addresses of an instance whose list holds the lines. */
function addresses(lines: string, before = ""): string[] | undefined {
  return load(`${before}${instance("", "VI_1", 51, lines)}`).config?.instances[0]?.addresses.map((
    { address },
  ) => address);
}

describe("characters", () => {
  const plain = load(instance()).config;

  test("CRLF, a byte order mark and a missing last line end change nothing", () => {
    for (
      const text of [
        instance().replaceAll("\n", "\r\n"),
        `\ufeff${instance()}`,
        instance().trimEnd(),
        instance().replaceAll("\n", "\r\n").trimEnd(),
        instance().replaceAll("  ", "\t"),
      ]
    ) {
      const result = load(text);
      expect(messages(result).filter((message) => !message.includes("byte order mark"))).toEqual([]);
      expect(messages(result).length).toBe(text.startsWith("\ufeff") ? 1 : 0);
      expect(result.config).toEqual(plain);
    }
  });

  test("a line with a NUL byte is ignored and reported", () => {
    const result = load(instance("priority 7\0"));
    expect(messages(result)).toEqual([
      "7:13 warning: the line holds a NUL byte, so the whole line is ignored; delete the byte",
    ]);
    expect(result.config?.instances[0]?.priority).toBe(100);
  });

  test("bytes that are not UTF-8 are reported outside comments only", () => {
    const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
    expect(messages(load(bytes(`# caf\xe9\n${instance()}`)))).toEqual([]);
    expect(messages(load(bytes(`global_defs {\n router_id caf\xe9\n}\n${instance()}`)))[0]).toContain(
      "not UTF-8",
    );
    expect(routerId("router_id Zürich # 東京")).toBe("Zürich");
  });

  test("an empty file starts with nothing to do", () => {
    const result = load("");
    expect(result.config?.instances).toEqual([]);
    expect(messages(result)).toEqual([
      "0:0 warning: there is no usable vrrp_instance, so nothing would run; add one",
    ]);
  });

  test("a line without end is ignored", () => {
    expect(messages(load(`router_id ${"x".repeat(70_000)}\n${instance()}`))[0]).toContain(
      "longer than 65536",
    );
  });
});

describe("comments and quotes", () => {
  const cases: [line: string, value: string][] = [
    ["router_id a#b", "a"],
    ["router_id a!b", "a"],
    ["router_id a # b ! c", "a"],
    ["router_id a\\#b\\!c", "a#b!c"],
    ['router_id "a # b ! c"', "a # b ! c"],
    ['router_id "a b"', "a b"],
    ['router_id a"b c"d', "a"],
    ["router_id 'a", "'a"],
    ['router_id "a{b}c"', "a{b}c"],
    ["router_id a\\", "a\\"],
    ["  router_id\t a  ", "a"],
    ["router_id ${_HASH}${_BANG}x", "#!x"],
  ];
  for (const [line, value] of cases) test(line, () => expect(routerId(line)).toBe(value));

  test("an open quote is reported and takes the line along", () => {
    const result = load(`global_defs {\n router_id "a b\n}\n${instance()}`);
    expect(result.config?.global.routerId).toBe("alpha.example.org");
    expect(messages(result).length).toBe(1);
    expect(messages(result)[0]).toContain("2:12 warning: the double quote has no partner");
  });
});

describe("commands", () => {
  const cases: [command: string, words: string[], user?: string][] = [
    ["/bin/x", ["/bin/x"]],
    ['"/bin/x a b"', ["/bin/x", "a", "b"]],
    ['"/bin/x a b" nobody nogroup', ["/bin/x", "a", "b"], "nobody"],
    ["'/bin/x a b'", ["/bin/x", "a", "b"]],
    [`"/bin/x 'a b' c"`, ["/bin/x", "a b", "c"]],
    [`"/bin/sh -c 'exit 1'"`, ["/bin/sh", "-c", "exit 1"]],
    ['"/bin/x a"b', ["/bin/x", "ab"]],
    ['"/bin/x a # {b} ! c"', ["/bin/x", "a", "#", "{b}", "!", "c"]],
    [`'/bin/x "a b"'`, ["/bin/x", "a b"]],
    ["'/bin/x \"a\\\\tb\\\\x41\\\\101\"'", ["/bin/x", "a\tbAA"]],
    ["/bin/x nobody", ["/bin/x"], "nobody"],
  ];
  for (const [command, words, user] of cases) {
    test(command, () => {
      const notify = load(instance(`notify ${command}`)).config?.instances[0]?.notify.any;
      expect(notify?.words).toEqual(words);
      expect(notify?.identity?.user).toBe(user);
    });
  }
});

describe("braces", () => {
  const expected = load(instance("track_interface {\n eth1\n }")).config;
  const layouts = {
    "on one line":
      "vrrp_instance VI_1{interface eth0\nvirtual_router_id 51\nvirtual_ipaddress{192.0.2.10/24}track_interface{eth1}}",
    "on lines of their own":
      "vrrp_instance VI_1\n\n# here\n{\ninterface eth0\nvirtual_router_id 51\nvirtual_ipaddress\n{\n192.0.2.10/24\n}\ntrack_interface\n{\neth1\n}\n}",
    "two at once":
      "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\ntrack_interface {\neth1\n}\nvirtual_ipaddress {\n192.0.2.10/24 }}",
    "missing at the end":
      "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\ntrack_interface {\neth1\n}\nvirtual_ipaddress {\n192.0.2.10/24",
  };
  for (const [name, text] of Object.entries(layouts)) {
    test(name, () => expect(load(text).config).toEqual(expected));
  }

  test("each missing brace is reported at the brace that it belongs to", () => {
    expect(messages(load(layouts["missing at the end"])).map((text) => text.slice(0, 60))).toEqual([
      "1:20 warning: the block of vrrp_instance VI_1 is never close",
      "7:19 warning: the block of virtual_ipaddress is never closed",
    ]);
  });

  test("what stands after a closing brace is read as a new line", () => {
    expect(routerId("} global_defs { router_id b")).toBe("b");
  });
});

describe("conditions", () => {
  // shows: directives @ID, @^ID
  test("the configuration id is the host name up to its first dot", () => {
    expect(routerId("@alpha router_id yes\n@beta router_id no")).toBe("yes");
    expect(routerId("@^beta router_id yes\n@^alpha router_id no")).toBe("yes");
    expect(routerId("@alpha router_id no\n@beta router_id yes", "", { configId: "beta" })).toBe("yes");
    expect(routerId("@alpha")).toBe("alpha.example.org");
  });

  // shows: directives $NAME=
  test("they hold for definitions, blocks and definitions of blocks", () => {
    expect(routerId("router_id $X", "@alpha $X=a\n@beta $X=b\n")).toBe("a");
    expect(routerId("$X router_id a\n$Y router_id b", "$X=@alpha\n$Y=@beta\n")).toBe("a");
    expect(routerId("$B", "$B=router_id c\n@beta $B= \\\n router_id a \\\n router_id b\n")).toBe("c");
  });
});

describe("definitions", () => {
  const cases: [before: string, line: string, value: string][] = [
    ["$X=abc\n", "router_id $X", "abc"],
    ["  $X=abc # comment\n", "router_id $X", "abc"],
    ["$X=abc\n", "router_id ${X}y", "abcy"],
    ["$X=abc\n", "router_id a$X", "aabc"],
    ["$X=abc\n", "router_id $Xy", "$Xy"],
    ["$X=abc\n", "router_id $X.b", "$X.b"],
    ["$X=abc\n", "router_id $X,b", "abc,b"],
    ["$X=a b\n", 'router_id "${X}"', "a b"],
    ["$X=a b\n", 'router_id "$X"', "$X"],
    ['$X="a b"\n', "router_id $X", "a b"],
    ["$Y=q\n$X=${Y}z\n$Y=new\n", "router_id $X", "newz"],
    ["$X=\n", "router_id ${X}a", "a"],
    ["$X=router_id foo\n", "$X", "foo"],
    ["$X=\\\nrouter_id foo\\\nrouter_id bar\n", "$X", "bar"],
    ["$X=router_id foo\\\nrouter_id bar\n", "$X", "bar"],
    ["$X=$Y=in\\\nrouter_id $Y\n", "$X", "in"],
    ["$N=1\n$X1=one\n", "router_id ${X${N}}", "one"],
  ];
  for (const [before, line, value] of cases) {
    test(JSON.stringify(before + line), () => expect(routerId(line, before)).toBe(value));
  }

  test("a block that is used by mistake as a word stays as it is", () => {
    expect(routerId("$X baz", "$X=router_id foo\\\nrouter_id bar\n")).toBe("alpha.example.org");
  });

  test("a fault in a block is shown where the block is defined", () => {
    const text = `$X=\\\nglobal_defs {\\\n rooter_id x\\\n}\n$X\n${instance()}`;
    expect(messages(load(text))[0]).toStartWith('3:2 warning: "rooter_id" is not a keyword');
  });

  test("a value is shown where it is used", () => {
    const [found] = load(`$P=999\n${instance("priority $P")}`).diagnostics;
    expect([found?.line, found?.column, found?.length, found?.text]).toEqual([8, 12, 2, "  priority $P"]);
  });

  // shows: directives ${_PWD}, ${_INSTANCE}, ${_RANDOM}, ${_ENV}, ${_HASH}, ${_BANG}
  test("predefined names", () => {
    expect(routerId("router_id ${_PWD}/x")).toBe("/etc/baton/x");
    expect(routerId("router_id a${_INSTANCE}x")).toBe("aalphax");
    expect(routerId("router_id ${_RANDOM 5 5}")).toBe("5");
    expect(routerId("router_id ${_RANDOM}", "", { random: () => 0.999999 })).toBe("32767");
    expect(routerId("router_id ${_RANDOM 10}", "", { random: () => 0 })).toBe("10");
    expect(routerId("router_id ${_ENV SITE}", "", { environment: { SITE: "north" } })).toBe("north");
    expect(routerId('router_id "x${_ENV SITE}"')).toBe("x");
    expect(routerId("router_id a${_HASH}${_BANG}b")).toBe("a#!b");
  });

  test("one that refers to itself ends in a diagnostic", () => {
    for (const text of ["$X=$X\n", "$X=${X}a\n", "$X=$Y\n$Y=$X\n", "$X=a${Y}${Y}\n$Y=${X}\n"]) {
      const result = load(`${text}global_defs {\n router_id $X\n}\n${instance()}`);
      expect(result.config).toBeNull();
      expect(messages(result)[0]).toContain("refers to itself");
    }
    const block = load(`$X=\\\na\\\n$X\n$X\n${instance()}`);
    expect(messages(block).some((text) => text.includes("nested too deep"))).toBe(true);
  });

  test("one that grows without bound ends in a diagnostic", () => {
    const names = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
    const text = names.map((name, i) =>
      `$${name}=${i === 0 ? "xxxxxxxx" : `\${${names[i - 1]}}\${${names[i - 1]}}`}\n`
    );
    const result = load(`${text.join("")}router_id $Z\n`);
    expect(result.config).toBeNull();
    expect(messages(result)[0]).toContain("grows without end");
  });
});

describe("repetitions", () => {
  const cases: [line: string, values: string[]][] = [
    ["~SEQ(i,1,3) 10.0.0.$i", ["10.0.0.1", "10.0.0.2", "10.0.0.3"]],
    ["~SEQ(i,3) 10.0.0.${i}", ["10.0.0.1", "10.0.0.2", "10.0.0.3"]],
    ["~SEQ(i,3,1) 10.0.0.$i", ["10.0.0.3", "10.0.0.2", "10.0.0.1"]],
    ["~SEQ(i,1,2,6) 10.0.0.$i", ["10.0.0.1", "10.0.0.3", "10.0.0.5"]],
    ["~SEQ (i, 6, -2, 1) 10.0.0.$i", ["10.0.0.6", "10.0.0.4", "10.0.0.2"]],
    ["~SEQ(i,0x9,0xb) 10.0.0.$i", ["10.0.0.9", "10.0.0.10", "10.0.0.11"]],
    ["~SEQx(i,9,11) fe80::$i", ["fe80::9", "fe80::a", "fe80::b"]],
    ["~SEQ(i,1,2) ~SEQ(j,3,4) 10.0.${i}.$j", ["10.0.1.3", "10.0.1.4", "10.0.2.3", "10.0.2.4"]],
    ["~LST(i,7,9) 10.0.0.$i", ["10.0.0.7", "10.0.0.9"]],
    ["~LST({i,j},{1,2},{3,4}) 10.0.${i}.$j", ["10.0.1.2", "10.0.3.4"]],
    ["~LST({i, j}, {1}, {3,4}) 10.0.${i}.4${j}", ["10.0.1.4", "10.0.3.44"]],
    ["~LST({i,j},{1,2}) ~SEQ(k,5,6) ${k}.0.${i}.$j", ["5.0.1.2", "6.0.1.2"]],
    ["~SEQ(i,1,2) 10.0.0.$i brd + # comment", ["10.0.0.1", "10.0.0.2"]],
  ];
  for (const [line, values] of cases) test(line, () => expect(addresses(line)).toEqual(values));

  // shows: directives ~SEQx, ~LST
  test("hexadecimal numbers, and lists", () => {
    expect(addresses("~SEQx(i,9,11) fe80::$i")).toEqual(["fe80::9", "fe80::a", "fe80::b"]);
    expect(addresses("~LST(i,7,9) 10.0.0.$i")).toEqual(["10.0.0.7", "10.0.0.9"]);
  });

  // shows: directives ~SEQ
  test("bounds may be definitions", () => {
    expect(addresses("~SEQ(i,1,$N) 10.0.0.$i", "$N=2\n")).toEqual(["10.0.0.1", "10.0.0.2"]);
  });

  test("blocks are repeated whole", () => {
    const text =
      "$V=\\\nvrrp_instance V${n} {\\\ninterface eth0\\\nvirtual_router_id $n\\\nvirtual_ipaddress {\\\n10.0.0.$n\\\n}\\\n}\n";
    const { config } = load(`${text}~SEQ(n,1,255) $V\n`);
    expect(config?.instances.length).toBe(255);
    expect(config?.instances[254]).toMatchObject({
      name: "V255",
      vrid: 255,
      addresses: [{ address: "10.0.0.255" }],
    });
  });

  test("faulty ones are ignored with a warning", () => {
    for (
      const line of [
        "~SEQ(i,1,-1,3)",
        "~SEQ(i,1,0,3)",
        "~SEQ(i,a,b)",
        "~SEQ(i)",
        "~SEQ(1,2)",
        "~LST(i)",
        "~LST({a,1},2)",
        "~LST(a,{1",
        "~SEQ(i,1,2",
      ]
    ) {
      const result = load(instance("", "VI_1", 51, `10.0.0.1\n${line} 10.0.0.$i`));
      expect(result.config?.instances[0]?.addresses.length, line).toBe(1);
      expect(messages(result)[0], line).toContain("so the line is ignored");
    }
  });

  test("huge ones end in a diagnostic, at once", () => {
    for (
      const line of [
        "~SEQ(i,1,999999999) x",
        "~SEQ(i,1,9999) ~SEQ(j,1,9999) ~SEQ(k,1,9999) x",
        "~SEQ(i,1,9999) ~SEQ(j,1,9999) $NONE=",
      ]
    ) {
      const result = load(`${line}\n${instance()}`);
      expect(result.config, line).toBeNull();
      expect(result.diagnostics.filter(({ severity }) => severity === "error").length).toBe(1);
    }
  });
});

describe("texts made to hang a reader", () => {
  const blanks = " ".repeat(60_000);
  const texts = {
    "repetitions of nothing": "~SEQ(i,1,9999) ~SEQ(j,1,9999) ~SEQ(k,1,9999)",
    "repetitions that hold for another machine": "~SEQ(i,1,9999) ~SEQ(j,1,9999) @beta x",
    "repeated definitions": "~SEQ(i,1,9999) ~SEQ(j,1,9999) $X=1",
    "an open list": `~LST(a,${blanks}{)`,
    "an open definition": `x \${a${blanks}`,
    "open definitions": "${a ".repeat(15_000),
    "escaped comments": "\\#".repeat(30_000),
    "quotes": '"'.repeat(60_001),
    "braces": "{}".repeat(30_000),
    "open braces": "a{".repeat(30_000),
    "words": "a ".repeat(30_000),
    "a long number": `global_defs {\n vrrp_version ${"1".repeat(60_000)}\n}`,
    "a long time": `vrrp_instance x {\n advert_int 1.${"1".repeat(60_000)}x\n}`,
    "passwords": "pass".repeat(15_000),
    "an include of everything": "include {a,b}".padEnd(60_000, "{a,b}"),
    "stars": `include ${"*".repeat(60_000)}b`,
  };
  for (const [name, text] of Object.entries(texts)) {
    test(name, () => {
      const { config, diagnostics } = load(`${text}\n`, { [`/etc/baton/${"a".repeat(200)}`]: "" });
      expect(config === null || diagnostics.length > 0).toBe(true);
    });
  }
});
