// What the directives of keepalived.conf make of a file is what the daemon does: addresses, a script, a priority.
import { expect, test } from "bun:test";
import { symlinkSync, writeFileSync } from "node:fs";
import { instance } from "../support/conf.ts";
import { BATON, Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { until } from "../support/until.ts";

const SITE = "north";

// shows: directives $NAME=, @ID, @^ID, ~SEQ, ~SEQx, ~LST, include
// shows: directives ${_PWD}, ${_INSTANCE}, ${_RANDOM}, ${_ENV}, ${_HASH}, ${_BANG}
test.concurrent("definitions, conditions, repetitions and includes reach the kernel and the scripts", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const said = lab.path("said");
  writeFileSync(
    lab.path("part.conf"),
    `$NET=10.0.0\n$BODY=\\\n  interface eth0\\\n  version 3\\\n  advert_int 0.1\n`,
  );
  const text = `
global_defs {
  enable_script_security off
  script_user root
}
include \${_PWD}/part.conf
vrrp_instance VI_1 {
  $BODY
  virtual_router_id 51
  priority \${_RANDOM 77 77}
  notify_master "/bin/sh -c 'echo \${_INSTANCE} \${_ENV BATON_SITE} x\${_HASH}y x\${_BANG}y > ${said}.new; mv ${said}.new ${said}'"
  virtual_ipaddress {
    \${NET}.100/24
    @here \${NET}.101/24
    @there \${NET}.102/24
    @^there \${NET}.103/24
    @^here \${NET}.104/24
    ~SEQ(i,110,112) \${NET}.\${i}/24
    ~LST({i,j},{12,0},{12,3}) \${NET}.\${i}\${j}/24
  }
  virtual_ipaddress_excluded {
    ~SEQx(i,9,11) 2001:db8:1::7\${i}/64
  }
}
`;
  process.env["BATON_SITE"] = SITE;
  const baton = new Baton(node, text, ["-i", "here"]).start();
  await baton.becomes("MASTER");
  const held = await baton.shows((i) => i.addresses.every((each) => each.held));
  expect(held.priority.effective).toBe(77);
  const wanted = [100, 101, 103, 110, 111, 112, 120, 123].map((last) => `10.0.0.${last}`);
  for (const address of wanted) await node.gains(address);
  const there = async (pattern: RegExp) =>
    [...(await node.ip("address", "show", "dev", "eth0")).matchAll(pattern)].map(([, address]) => address);
  expect((await there(/inet (10\.0\.0\.1\d\d)\//g)).toSorted()).toEqual(wanted);
  expect(await there(/inet6 2001:db8:1::(7.)\//g)).toHaveLength(3);
  for (const last of ["79", "7a", "7b"]) await node.gains(`2001:db8:1::${last}`);
  const line = await until(
    () => Bun.file(said).text().catch(() => null),
    () => `nothing was said\n${baton.log}`,
  );
  expect(line).toBe(`here ${SITE} x#y x!y\n`);
  expect(await baton.end("SIGTERM")).toBe(0);
});

// shows: directives includer, includem, includew, includeb, includea
test.concurrent("the stricter includes end with an error where the plain one goes on", async () => {
  await using lab = await Lab.create({ a: {} });
  writeFileSync(lab.path("part"), "");
  // What leads to itself can be read by nobody, root included.
  symlinkSync("circle", lab.path("circle"));
  const code = async (line: string) => {
    const file = lab.path("keepalived.conf");
    writeFileSync(file, `${line}\n${instance({})}`);
    return await lab.node("a").spawn("baton -t", [BATON, "-t", "-f", file]).exited;
  };
  const cases = [
    ["includer", "circle"],
    ["includem", "none"],
    ["includew", "none*"],
    ["includeb", "{part,none}"],
    ["includea", "none*"],
  ];
  for (const [word, path] of cases) {
    expect(await code(`include ${path}`), path).not.toBe(6);
    expect(await code(`${word} part`), word).not.toBe(6);
    expect(await code(`${word} ${path}`), word).toBe(6);
  }
});

// shows: global_defs random_seed
test.concurrent("two routers with one random_seed draw the same numbers", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const names = ["A", "B", "C", "D"];
  const all = names.map((name, i) =>
    instance({ name, vrid: 1 + i, addresses: [`10.0.0.${100 + i}/24`] })
      .replace("priority 100", "priority ${_RANDOM 1 250}")
  );
  const drawn = ["a", "b"].map(async (name) => {
    const text = `global_defs {\n  random_seed 7\n}\n${all.join("")}`;
    const baton = new Baton(lab.node(name), text).start();
    await baton.becomes("BACKUP", "D");
    return (await baton.status()).instances.map(({ priority }) => priority.base);
  });
  const [first, second] = await Promise.all(drawn);
  expect(first).toEqual(second!);
  expect(new Set(first).size).toBeGreaterThan(1);
});
