// baton check as people call it: with this machine's addresses and files, and with the files of two routers.
import { expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { GLOBAL, instance, script } from "../support/conf.ts";
import { BATON } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";

async function check(node: Node, ...files: string[]): Promise<{ code: number; out: string }> {
  const program = node.spawn("baton check", [BATON, "check", ...files]);
  const code = await program.exited;
  return { code, out: program.log };
}

test.concurrent("what is outside the machine's subnets, is the machine itself, or belongs to others", async () => {
  await using lab = await Lab.create({ a: {} });
  const file = lab.path("a.conf");
  const program = lab.path("check.sh");
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o777);
  const lines = ["unicast_peer {", "10.0.0.1", "10.0.0.2", "}", "track_script {", "chk", "}"];
  const addresses = ["10.0.0.100/24", "192.168.5.5/24"];
  writeFileSync(file, GLOBAL + script("chk", program) + instance({ addresses, lines }));
  const { code, out } = await check(lab.node("a"), file);
  expect(code).toBe(1);
  expect(out).toContain("192.168.5.5 of vrrp_instance VI_1 is outside every subnet of eth0 (10.0.0.1/24)");
  expect(out).toContain("the unicast peer 10.0.0.1 of vrrp_instance VI_1 is this machine (eth0)");
  expect(out).toMatch(/may be written by everybody .*so others than root decide what baton runs/);
  expect(out.match(/: warning: /g)).toHaveLength(3);
});

test.concurrent("two files are two routers, a file alone is none", async () => {
  await using lab = await Lab.create({ a: {} });
  const text = (id: string, priority: number) =>
    `global_defs {\nrouter_id ${id}\n}\n` + script("chk", "/bin/true") +
    instance({ priority, lines: ["track_script {", "chk weight -5", "}"] });
  const [a, b] = [lab.path("a.conf"), lab.path("b.conf")];
  writeFileSync(a, text("a", 100));
  writeFileSync(b, text("b", 90));
  const both = await check(lab.node("a"), a, b);
  expect(both.code).toBe(1);
  expect(both.out).toContain("with everything failed its priority is still 95, and b.conf has 90 at most");
  expect(both.out.match(/: warning: /g)).toHaveLength(1);
  expect(await check(lab.node("a"), b)).toMatchObject({ code: 0 });
  writeFileSync(b, text("b", 96));
  expect((await check(lab.node("a"), a, b)).code).toBe(0);
});

// Without an end of its own the lookup would outlive the limit of a test.
test.concurrent("a name server that never answers does not hold it", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const [file, resolver] = [lab.path("mail.conf"), lab.path("resolv.conf")];
  writeFileSync(resolver, "nameserver 10.0.0.53\noptions timeout:30 attempts:5\n");
  writeFileSync(file, "global_defs {\nrouter_id a\nsmtp_server mail.example.org\n}\n" + instance({}));
  await node.ip("neigh", "add", "10.0.0.53", "lladdr", "02:00:00:00:00:53", "dev", "eth0");
  const command = `mount --bind ${resolver} /etc/resolv.conf && exec ${BATON} check ${file}`;
  const program = node.spawn("baton check", ["sh", "-c", command]);
  expect(await program.exited).toBe(1);
  expect(program.log).toContain("mail.conf:3:13: warning: this machine finds no address of mail.example.org");
  expect(program.log.match(/: warning: /g)).toHaveLength(1);
});
