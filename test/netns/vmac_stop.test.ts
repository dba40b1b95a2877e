// A planned stop of a Master with a virtual MAC address, as a client sees it. By itself: between the successor's advert,
// which brings the switch there, and its address lies what the kernel needs for both, and that takes longer while it
// removes the interfaces of other tests.
import { expect, test } from "bun:test";
import { Client } from "../support/client.ts";
import { GLOBAL, instance, VIP } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";

// shows: vrrp_instance use_vmac
test("SIGTERM of the Master loses no ping, and neither does its return", async () => {
  await using lab = await Lab.create({ a: {}, b: {}, client: {} });
  const [a, b] = [lab.node("a"), lab.node("b")];
  const routers = (priority: number) =>
    GLOBAL + instance({ version: 3, interval: 0.1, priority, lines: ["use_vmac"] });
  const first = new Baton(a, routers(150)).start();
  const second = new Baton(b, routers(100)).start();
  await first.becomes("MASTER");
  await second.becomes("BACKUP");
  await first.shows((i) => i.addresses.every((each) => each.held));
  const client = new Client(lab.node("client"), VIP);
  await client.answers(20);
  expect(await first.end("SIGTERM")).toBe(0);
  await second.becomes("MASTER");
  await client.answers(20);
  first.start();
  await first.becomes("MASTER");
  await second.becomes("BACKUP");
  await client.answers(20);
  expect((await client.stop()).lost).toEqual([]);
  expect(await second.end("SIGTERM")).toBe(0);
  expect(await first.end("SIGTERM")).toBe(0);
});
