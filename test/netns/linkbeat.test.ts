// Interfaces whose driver is asked for the link: what it says counts, and when it says it.
import { expect, test } from "bun:test";
import { instance, NAME } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";

// shows: root linkbeat_interfaces, linkbeat_use_polling
// shows: linkbeat_interfaces IFNAME
// shows: vrrp_instance linkbeat_use_polling
test.concurrent("a polled interface is down once its driver says so, and up again", async () => {
  await using lab = await Lab.create({ a: {}, b: {}, c: {}, d: {}, e: {} });
  const listed = (method: string) => ["linkbeat_interfaces {", `  eth0 ${method}`, "}", ""].join("\n");
  const text = (vrid: number, ...lines: string[]) =>
    instance({ vrid, version: 3, interval: 0.1, addresses: [`10.0.0.${vrid}/24`], lines });
  const start = (node: string, conf: string) => new Baton(lab.node(node), conf).start();
  const cases = [
    { baton: start("a", listed("IOCTL") + text(51)), method: "IOCTL" },
    { baton: start("b", listed("ETHTOOL") + text(52)), method: "ETHTOOL" },
    // A veth pair has no PHY.
    { baton: start("c", listed("MII") + text(53)), method: "ETHTOOL" },
    { baton: start("d", "linkbeat_use_polling\n" + text(54)), method: "ETHTOOL" },
    { baton: start("e", text(55, "linkbeat_use_polling")), method: "ETHTOOL" },
  ];
  await Promise.all(cases.map(async ({ baton, method }) => {
    await baton.becomes("MASTER");
    // Netlink tells at once; the next poll is up to a second away.
    await baton.node.unplug();
    await baton.becomes("FAULT");
    const at = (line: string) => baton.program.lines.findIndex((each) => each.includes(line));
    const none = at(`linkbeat: eth0 has no link (${method})`);
    expect(none).toBeGreaterThan(-1);
    expect(at(`(${NAME}) Entering FAULT STATE: interface eth0 is down`)).toBeGreaterThan(none);
    await baton.node.plug();
    await baton.becomes("MASTER");
  }));
  await cases[2]!.baton.waitFor(/linkbeat: eth0 does not answer MII, so ETHTOOL is used/);
  // Without it netlink counts again: nothing is polled any more.
  const { baton } = cases[0]!;
  expect(await baton.reload(text(51))).toContain("linkbeat_interfaces");
  const from = baton.mark();
  await baton.node.unplug();
  await baton.waitFor(/Entering FAULT STATE/, from);
  expect(baton.program.lines.slice(from).join("\n")).not.toContain("linkbeat");
});
