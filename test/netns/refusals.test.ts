// Crafted packets: each is counted under its own refusal, and none changes anything.
import { expect, test } from "bun:test";
import type { Refusal } from "../../src/vrrp/refusal.ts";
import { GLOBAL, instance, NAME, VIP6, VIP6_LINK } from "../support/conf.ts";
import { advert4, advert6, carp, type Crafted, Injector } from "../support/craft.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { adverts, Wire } from "../support/wire.ts";

interface Case {
  refusal: Refusal;
  frames: Uint8Array[];
}

/** Every frame claims priority 200 or 0: believed, it would dethrone the master or make the backup rise. */
const V2: Crafted = { authType: 1, password: "secret" };

function v2Cases(): Case[] {
  const bad = (c: Crafted) => advert4({ ...V2, ...c });
  return [
    { refusal: "ttl", frames: [254, 64, 1].map((hopLimit) => bad({ hopLimit })) },
    { refusal: "checksum", frames: [1, 0x100, 0x8000].map((checksumError) => bad({ checksumError })) },
    { refusal: "auth_failure", frames: ["", "secreT", "secret1"].map((password) => bad({ password })) },
    { refusal: "auth_mismatch", frames: [bad({ authType: 0, password: "" })] },
    { refusal: "auth_type", frames: [bad({ authType: 3 }), bad({ authType: 255 })] },
    // 20 bytes are right; a longer message is cut to what its count says, or refused.
    { refusal: "length", frames: Array.from({ length: 20 }, (_, length) => bad({ length })) },
    { refusal: "length", frames: [bad({ count: 2 }), bad({ count: 0 }), bad({ count: 255 })] },
    { refusal: "vrid", frames: [1, 50, 52, 255].map((vrid) => bad({ vrid })) },
    { refusal: "version", frames: [advert4({ version: 3 })] },
    { refusal: "interval", frames: [bad({ interval: 2 }), bad({ interval: 0 }), bad({ interval: 255 })] },
    { refusal: "type", frames: [bad({ type: 0 }), bad({ type: 2 }), bad({ type: 15 })] },
    { refusal: "carp", frames: [carp()] },
    { refusal: "destination", frames: [bad({ to: "10.0.0.2", destinationMac: "02:00:00:00:00:02" })] },
    // Resignations that nobody sent.
    { refusal: "auth_failure", frames: [bad({ priority: 0, password: "guess" })] },
    { refusal: "ttl", frames: [bad({ priority: 0, hopLimit: 254 })] },
  ];
}

function v3Cases(): Case[] {
  const bad = (c: Crafted) => advert4({ version: 3, ...c });
  return [
    { refusal: "ttl", frames: [bad({ hopLimit: 254 })] },
    {
      refusal: "checksum",
      frames: [bad({ checksumError: 1 }), bad({ checksumError: 7, messageOnly: true })],
    },
    { refusal: "length", frames: Array.from({ length: 12 }, (_, length) => bad({ length })) },
    { refusal: "vrid", frames: [bad({ vrid: 52 })] },
    { refusal: "version", frames: [advert4({})] },
    { refusal: "interval", frames: [bad({ interval: 0 })] },
    { refusal: "count", frames: [bad({ addresses: [] })] },
    { refusal: "type", frames: [bad({ type: 2 })] },
  ];
}

function v6Cases(): Case[] {
  return [
    { refusal: "ttl", frames: [254, 64].map((hopLimit) => advert6({ hopLimit })) },
    { refusal: "checksum", frames: [advert6({ checksumError: 1 })] },
    { refusal: "length", frames: Array.from({ length: 40 }, (_, length) => advert6({ length })) },
    { refusal: "vrid", frames: [advert6({ vrid: 52 })] },
    { refusal: "interval", frames: [advert6({ interval: 0 })] },
    { refusal: "count", frames: [advert6({ addresses: [] })] },
    { refusal: "type", frames: [advert6({ type: 2 })] },
  ];
}

/** How often each refusal was counted, for the instance and before one was found. */
async function counts(baton: Baton): Promise<Record<string, number>> {
  const status = await baton.status();
  const own = status.instances.find((i) => i.name === NAME)!.refusals;
  return Object.fromEntries(
    Object.entries(status.daemon.refusals).map(([name, n]) => [name, n + (own[name as Refusal] ?? 0)]),
  );
}

/** Sends all frames of a case three times and awaits that exactly these are counted. */
async function refuses(routers: Baton[], injector: Injector, { refusal, frames }: Case): Promise<void> {
  const before = await Promise.all(routers.map(counts));
  for (let i = 0; i < 3; i++) injector.send(...frames);
  for (const [at, router] of routers.entries()) {
    const expected = { ...before[at], [refusal]: before[at]![refusal]! + 3 * frames.length };
    let last: Record<string, number> = {};
    const total = (c: Record<string, number>) => Object.values(c).reduce((a, b) => a + b, 0);
    await until(
      async () => total(last = await counts(router)) >= total(expected),
      () => `${router.node.name}: ${frames.length} x3 ${refusal} not all counted: ${JSON.stringify(last)}`,
    );
    expect(last).toEqual(expected);
  }
}

interface Shape {
  title: string;
  text: (priority: number) => string;
  cases: () => Case[];
}

const AUTHENTICATION = ["authentication {", "  auth_type PASS", "  auth_pass secret", "}"];
const SHAPES: Shape[] = [
  {
    title: "v2 with a password",
    text: (p) => instance({ priority: p, lines: AUTHENTICATION }),
    cases: v2Cases,
  },
  { title: "v3 IPv4", text: (p) => instance({ version: 3, priority: p, interval: 0.2 }), cases: v3Cases },
  {
    title: "v3 IPv6",
    text: (p) =>
      instance({ version: 3, priority: p, interval: 0.2, addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`] }),
    cases: v6Cases,
  },
];

for (const { title, text, cases } of SHAPES) {
  test.concurrent(`${title}: master and backup refuse every crafted packet, each under its name`, async () => {
    await using lab = await Lab.create({ a: {}, b: {}, x: {} });
    const a = new Baton(lab.node("a"), GLOBAL + text(150)).start();
    await a.becomes("MASTER");
    const b = new Baton(lab.node("b"), GLOBAL + text(100)).start();
    const before = await b.shows((i) => i.state === "BACKUP" && i.master?.priority === 150);
    const injector = await Injector.on(lab.node("x"));
    // A packet to one host reaches that host only.
    for (const c of cases()) await refuses(c.refusal === "destination" ? [b] : [a, b], injector, c);
    const [masterNow, backupNow] = [await a.instance(), await b.instance()];
    expect(masterNow.state).toBe("MASTER");
    expect(masterNow.priority).toEqual({ base: 150, effective: 150 });
    expect(backupNow.state).toBe("BACKUP");
    expect(backupNow.since).toBe(before.since);
    expect(backupNow.master).toEqual(before.master);
    expect(a.states()).toEqual(["BACKUP", "MASTER"]);
    expect(b.states()).toEqual(["BACKUP"]);
    // The master went on meanwhile, and goes on.
    const wire = await Wire.onSwitch(lab);
    await wire.nth(2, adverts({ priority: 150 }));
    // A refusal is logged for people, once for each peer and cause.
    const logged = b.program.lines.filter((line) =>
      line.includes("ignored an advert from") && line.includes("TTL")
    );
    expect(logged).toHaveLength(1);
    expect(b.log).not.toContain("secret1");
  });
}

// shows: vrrp_instance check_unicast_src
test.concurrent("unicast with check_unicast_src: strangers and multicast are refused", async () => {
  await using lab = await Lab.create({ a: {}, b: {}, x: {} });
  const lines = (own: string, peer: string) => [
    "check_unicast_src",
    `unicast_src_ip ${own}`,
    "unicast_peer {",
    `  ${peer}`,
    "}",
  ];
  const [na, nb] = [lab.node("a"), lab.node("b")];
  const text = (priority: number, own: string, peer: string) =>
    GLOBAL + instance({ version: 3, interval: 0.2, priority, lines: lines(own, peer) });
  const a = new Baton(na, text(150, na.address, nb.address)).start();
  await a.becomes("MASTER");
  const b = new Baton(nb, text(100, nb.address, na.address)).start();
  await b.shows((i) => i.state === "BACKUP" && i.master?.priority === 150);
  const injector = await Injector.on(lab.node("x"));
  const toB: Crafted = { version: 3, to: nb.address, destinationMac: nb.mac };
  await refuses([b], injector, { refusal: "peer", frames: [advert4(toB)] });
  // By multicast from the peer's address: the socket has not joined the group, so it never sees it.
  injector.send(advert4({ version: 3, from: na.address }));
  await refuses([b], injector, { refusal: "peer", frames: [advert4({ ...toB, from: "10.0.0.78" })] });
  expect(b.states()).toEqual(["BACKUP"]);
});

test.concurrent("AH: wrong keys and replayed packets are refused", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  const lines = ["authentication {", "  auth_type AH", "  auth_pass secret", "}"];
  const a = new Baton(lab.node("a"), GLOBAL + instance({ priority: 100, lines })).start();
  await a.becomes("BACKUP");
  const injector = await Injector.on(lab.node("x"));
  const signed = (key: string, sequence: number) => advert4({ authType: 2, ah: { key, sequence } });
  injector.send(signed("secret", 100));
  await a.shows((i) => i.master?.address === "10.0.0.77");
  await refuses([a], injector, { refusal: "auth_failure", frames: [signed("other", 200)] });
  await refuses([a], injector, {
    refusal: "auth_replay",
    frames: [signed("secret", 100), signed("secret", 7)],
  });
});

// shows: global_defs vrrp_strict
test.concurrent("strict: a wrong address list and a first address that is not link-local are refused", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  const common = { version: 3, interval: 40, priority: 100 } as const;
  const text = "global_defs {\n  vrrp_strict\n}\n" + instance(common) +
    instance({ ...common, name: "VI_6", addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`] });
  const a = new Baton(lab.node("a"), text).start();
  await a.becomes("BACKUP", "VI_6");
  const injector = await Injector.on(lab.node("x"));
  injector.send(
    advert4({ version: 3, addresses: ["10.0.0.111"] }),
    advert6({ addresses: [VIP6, VIP6_LINK] }),
  );
  await a.shows((i) => i.refusals.address_list === 1);
  await a.shows((i) => i.refusals.first_address === 1, "VI_6");
});
