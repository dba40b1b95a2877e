// Virtual MAC addresses at the start: what a crash left before it was told of, and an address that is there already.
import { expect, test } from "bun:test";
import { GLOBAL, instance, VIP, VIP6, VIP6_LINK } from "../support/conf.ts";
import { BATON, Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { until } from "../support/until.ts";

const V3 = { version: 3, interval: 0.1 } as const;
const MAC = "00:00:5e:00:01:33";

async function exists(node: Node, name: string): Promise<boolean> {
  return (await node.exec("ip", "-o", "link")).includes(` ${name}@`);
}

/** As a crash would leave it that came between making it and hearing of it. */
async function makes(node: Node, mac: string): Promise<void> {
  await node.ip(..."link add eth1 type veth peer name eth1p".split(" "));
  await node.ip(...`link add link eth1 name vrrp.51 address ${mac} type macvlan mode bridge`.split(" "));
  await node.ip(..."link set dev vrrp.51 alias baton".split(" "));
}

// shows: vrrp_instance use_vmac
test.concurrent("a VMAC is on record before it is made: a crash in between leaves it to the next start or clean-up", async () => {
  await using lab = await Lab.create({ a: {}, b: {}, other: {} });
  const wants = GLOBAL + instance({ ...V3, interface: "eth1", lines: ["use_vmac"] });
  const crashed = async (node: Node, mac: string) => {
    const baton = new Baton(node, wants).start();
    // Without its interface nothing can be made.
    await baton.becomes("FAULT");
    await baton.program.kill();
    await makes(node, mac);
    return baton;
  };
  const [a, b, other] = [lab.node("a"), lab.node("b"), lab.node("other")];
  const first = await crashed(a, MAC);
  first.write(GLOBAL + instance(V3));
  first.start();
  await first.waitFor(/removed the interface vrrp\.51: left behind by an earlier run/);
  expect(await exists(a, "vrrp.51")).toBe(false);
  await first.becomes("MASTER");
  expect(await first.end("SIGTERM")).toBe(0);

  const second = await crashed(b, MAC);
  await b.exec(BATON, "cleanup", "--socket", second.socket, "--pid", second.pidFile);
  expect(await exists(b, "vrrp.51")).toBe(false);

  // Another one of that name is not ours, whatever the record says.
  const third = await crashed(other, "02:00:00:00:00:01");
  third.write(GLOBAL + instance(V3));
  third.start();
  await third.becomes("MASTER");
  expect(await exists(other, "vrrp.51")).toBe(true);
});

// shows: vrrp_instance use_vmac
test.concurrent("an address that is on the interface below already is told of, with the cure", async () => {
  await using lab = await Lab.create({ a: { commands: [`address add ${VIP}/24 dev eth0`] }, b: {} });
  const [a, b] = [lab.node("a"), lab.node("b")];
  await b.ip(...`address add ${VIP6}/64 dev eth0 nodad`.split(" "));
  const one = new Baton(a, GLOBAL + instance({ ...V3, lines: ["use_vmac"] })).start();
  await one.waitFor(
    /\(VI_1\) 10\.0\.0\.100\/24 is on eth0 already, .* beside that of vrrp\.51: take it off \(ip address del 10\.0\.0\.100\/24 dev eth0\)/,
  );
  await one.becomes("MASTER");
  const addresses = [`${VIP6_LINK}/64`, `${VIP6}/64`];
  const six = new Baton(b, GLOBAL + instance({ ...V3, addresses, lines: ["use_vmac"] })).start();
  await six.waitFor(/\(VI_1\) 2001:db8:1::100\/64 is on eth0 already/);
  await six.becomes("MASTER");
  // Taken off, it is no longer.
  expect(await one.end("SIGTERM")).toBe(0);
  await a.ip(...`address del ${VIP}/24 dev eth0`.split(" "));
  const from = one.mark();
  one.start();
  await one.becomes("MASTER");
  await until(() => a.has(VIP), () => one.log);
  expect(one.program.lines.slice(from).filter((line) => line.includes("already"))).toEqual([]);
});
