// VMACs that leave: the engine's thread deletes none, for the kernel takes its time, and its adverts would wait.
import { expect, test } from "bun:test";
import { RouteClient } from "../../../native/netlink/client.ts";
import { buildLinkChange } from "../../../native/netlink/link.ts";
import type { VmacConfig } from "../../../src/config/model.ts";
import { VmacDeletions } from "../../../src/control/vmacs.ts";
import { Kept } from "../../../src/control/kept.ts";
import type { Instance } from "../../../src/engine/instance.ts";
import { Links } from "../../../src/engine/links.ts";
import { Vmacs } from "../../../src/engine/vmacs.ts";
import type { FromEngine, LeavingVmac } from "../../../src/messages.ts";
import { inside, Lab } from "../native/lab.ts";

const MAC = "00:00:5e:00:01:33";
/** Longer than a VMAC waits for another instance that takes it over. */
const LATER_US = 10_000_000;

function vmac(name: string, mac = MAC): VmacConfig {
  return { name, parent: "va", mac, group: null, ipv4: true, ipv6: false, ofAddresses: false, ipvlan: null };
}

function instance(id: number, ...vmacs: VmacConfig[]): Instance {
  return { id, config: { vmacs }, holding: { wanted: false } } as unknown as Instance;
}

/** The VMACs of an engine in namespace a, and the control thread's hands. */
class Hall implements Disposable {
  readonly lab = new Lab();
  readonly posted: FromEngine[] = [];
  readonly stayed: [vmacs: LeavingVmac[], error: string][] = [];
  readonly busy: boolean[] = [];
  readonly client = inside(this.lab.a.namespace, () => new RouteClient());
  readonly links = new Links();
  readonly vmacs = new Vmacs({
    client: this.client,
    links: this.links,
    post: (message) => this.posted.push(message),
    lost: () => {},
    busy: () => this.busy.at(-1) === true,
  });
  readonly deletions = new VmacDeletions({
    busy: (busy) => this.busy.push(busy),
    stay: (vmacs, error) => this.stayed.push([[...vmacs], error]),
  }, () => inside(this.lab.a.namespace, () => new RouteClient()));

  constructor() {
    this.read();
  }

  read(): void {
    this.links.resync(this.client.links(), this.client.addresses());
  }

  /** Runs `work` where the kernel parameters are those of namespace a. */
  in<T>(work: () => T): T {
    return inside(this.lab.a.namespace, work);
  }

  taken<T extends FromEngine["type"]>(type: T): Extract<FromEngine, { type: T }>[] {
    const taken = this.posted.filter((message) => message.type === type);
    this.posted.splice(0, Infinity, ...this.posted.filter((message) => message.type !== type));
    return taken as Extract<FromEngine, { type: T }>[];
  }

  [Symbol.dispose](): void {
    this.deletions.stop();
    this.client.close();
    this.lab[Symbol.dispose]();
  }
}

test("one that is given up is deleted by the control thread; who needs its name waits for the kernel's word", () => {
  using hall = new Hall();
  const { vmacs, client, links } = hall;
  const [first, second] = [instance(1, vmac("v.51")), instance(2, vmac("v.51"))];
  hall.in(() => expect(vmacs.ensure(first, 0)).toBeNull());
  const { ifindex } = client.link("v.51")!;
  vmacs.tell();
  expect(hall.taken("kept_vmacs")).toEqual([{
    type: "kept_vmacs",
    made: [{ name: "v.51", mac: MAC }],
    gone: [],
  }]);
  vmacs.release(first);
  // No gap between the deadlines at all, and long after any patience.
  const nowUs = performance.now() * 1000 + LATER_US + 1e12;
  vmacs.pump(nowUs, nowUs);
  expect(client.link("v.51")?.ifindex).toBe(ifindex);
  const [asked, ...others] = hall.taken("delete_vmacs");
  expect(others).toEqual([]);
  expect(asked!.vmacs).toEqual([{ ifindex, name: "v.51", mac: MAC }]);
  expect(vmacs.isLeaving(ifindex)).toBe(true);
  hall.in(() => expect(vmacs.ensure(second, nowUs)).toBe("later"));
  vmacs.tell();
  // Until it is gone the record names it.
  expect(hall.taken("kept_vmacs")).toEqual([]);
  hall.deletions.delete(asked!.vmacs);
  expect(client.link("v.51")).toBeNull();
  expect([hall.busy, hall.stayed]).toEqual([[true, false], []]);
  expect(vmacs.due(nowUs)).toEqual([]);
  links.remove(ifindex);
  vmacs.gone(ifindex);
  vmacs.tell();
  expect(hall.taken("kept_vmacs")).toEqual([{ type: "kept_vmacs", made: [], gone: ["v.51"] }]);
  expect(vmacs.due(nowUs)).toEqual([second]);
  hall.in(() => expect(vmacs.ensure(second, nowUs)).toBeNull());
  expect(client.link("v.51")!.ifindex).not.toBe(ifindex);
});

test("an instance that follows takes it over as it is", () => {
  using hall = new Hall();
  const { vmacs, client } = hall;
  const [first, second] = [instance(1, vmac("v.51")), instance(2, vmac("v.51"))];
  hall.in(() => vmacs.ensure(first, 0));
  const { ifindex } = client.link("v.51")!;
  vmacs.release(first);
  hall.in(() => expect(vmacs.ensure(second, 1)).toBeNull());
  expect(vmacs.pump(Infinity, Infinity)).toBe(Infinity);
  expect(hall.taken("delete_vmacs")).toEqual([]);
  expect(client.link("v.51")!.ifindex).toBe(ifindex);
});

test("one that the kernel does not delete: who needs its name is at fault and tries again; the record names it", () => {
  using hall = new Hall();
  const { vmacs, client } = hall;
  const [first, second] = [instance(1, vmac("v.51")), instance(2, vmac("v.51"))];
  hall.in(() => vmacs.ensure(first, 0));
  const { ifindex } = client.link("v.51")!;
  vmacs.release(first);
  const nowUs = 1e15;
  vmacs.pump(nowUs, nowUs);
  vmacs.ensure(second, nowUs);
  vmacs.tell();
  hall.posted.length = 0;
  vmacs.stay([ifindex], "no reason");
  expect(vmacs.due(nowUs)).toEqual([second]);
  const missing = { name: "v.51", ipvlan: false, error: "the one that was there does not go: no reason" };
  expect(vmacs.ensure(second, nowUs + 1)).toEqual(missing);
  vmacs.pump(nowUs + 1, nowUs + 1);
  expect(hall.taken("delete_vmacs")).toEqual([]);
  expect(vmacs.ensure(second, nowUs + LATER_US)).toEqual(missing);
  vmacs.pump(nowUs + LATER_US, nowUs + LATER_US);
  expect(hall.taken("delete_vmacs")).toEqual([{
    type: "delete_vmacs",
    vmacs: [{ ifindex, name: "v.51", mac: MAC }],
  }]);
  vmacs.tell();
  expect(hall.taken("kept_vmacs")).toEqual([]);
  // The stop takes it away after all.
  vmacs.withdraw();
  expect(client.link("v.51")).toBeNull();
  vmacs.tell();
  expect(hall.taken("kept_vmacs")).toEqual([{ type: "kept_vmacs", made: [], gone: ["v.51"] }]);
});

test("while the control thread deletes, none is made: that would wait in the kernel", () => {
  using hall = new Hall();
  hall.busy.push(true);
  const first = instance(1, vmac("v.51"));
  hall.in(() => expect(hall.vmacs.ensure(first, 0)).toBe("later"));
  hall.busy.push(false);
  expect(hall.vmacs.due(LATER_US)).toEqual([first]);
  hall.in(() => expect(hall.vmacs.ensure(first, LATER_US)).toBeNull());
});

test("an index that is another interface's by now is not deleted by it; one of ours is, with another remark", () => {
  using hall = new Hall();
  const { vmacs, client, lab: { a } } = hall;
  hall.in(() => vmacs.ensure(instance(1, vmac("v.51"), vmac("v.52", "00:00:5e:00:01:34")), 0));
  const { ifindex } = client.link("v.51")!;
  client.request((b) => buildLinkChange(b, ifindex, { alias: "the office" }));
  const other = client.link("v.52")!;
  const strangers = [
    { ifindex: a.ifindex, name: "va", mac: "02:00:00:00:00:0a" },
    { ifindex: other.ifindex, name: "v.52", mac: MAC },
  ];
  hall.deletions.delete([
    { ifindex, name: "v.51", mac: MAC },
    { ifindex: 9999, name: "v.9", mac: MAC },
    ...strangers,
  ]);
  expect(client.link("v.51")).toBeNull();
  expect(client.linkAt(a.ifindex)?.name).toBe("va");
  expect(client.linkAt(other.ifindex)?.name).toBe("v.52");
  expect(hall.stayed.map(([left]) => left)).toEqual([strangers]);
});

test("a thousand VMACs that come are told of once each, and one that came and went not as there", () => {
  using hall = new Hall();
  const kept = new Kept();
  const { vmacs } = hall;
  const first = instance(1, vmac("v.51"), vmac("v.52", "00:00:5e:00:01:34"));
  hall.in(() => vmacs.ensure(first, 0));
  hall.in(() => vmacs.ensure(instance(2, vmac("v.53", "00:00:5e:00:01:35")), 0));
  expect(hall.taken("kept_vmacs")).toEqual([]);
  vmacs.tell();
  vmacs.tell();
  const [told, ...others] = hall.taken("kept_vmacs");
  expect(others).toEqual([]);
  kept.update(told!);
  expect(kept.vmacs.map(({ name }) => name)).toEqual(["v.51", "v.52", "v.53"]);
  vmacs.release(first);
  vmacs.pump(Infinity, 0);
  for (const { ifindex } of hall.taken("delete_vmacs")[0]!.vmacs) vmacs.gone(ifindex);
  hall.in(() => vmacs.ensure(first, 1));
  vmacs.tell();
  kept.update(hall.taken("kept_vmacs")[0]!);
  expect(kept.vmacs.map(({ name }) => name)).toEqual(["v.51", "v.52", "v.53"]);
});

test("one whose end the kernel told while nobody could listen is known to be gone after the next dump", () => {
  using hall = new Hall();
  const { vmacs } = hall;
  const first = instance(1, vmac("v.51"));
  hall.in(() => vmacs.ensure(first, 0));
  vmacs.release(first);
  vmacs.pump(Infinity, 0);
  const [asked] = hall.taken("delete_vmacs");
  hall.read();
  vmacs.sweep();
  expect(vmacs.isLeaving(asked!.vmacs[0]!.ifindex)).toBe(true);
  hall.deletions.delete(asked!.vmacs);
  hall.read();
  vmacs.sweep();
  expect(vmacs.isLeaving(asked!.vmacs[0]!.ifindex)).toBe(false);
});

test("a stop leaves to the engine what is not deleted yet", () => {
  using hall = new Hall();
  const { vmacs, client } = hall;
  const many = Array.from(
    { length: 20 },
    (_, i) => vmac(`v.${i}`, `00:00:5e:00:01:${(i + 16).toString(16)}`),
  );
  const owners = many.map((each, i) => instance(i, each));
  hall.in(() => owners.forEach((owner, i) => expect(vmacs.ensure(owner, i)).toBeNull()));
  for (const owner of owners) vmacs.release(owner);
  vmacs.pump(Infinity, 0);
  hall.deletions.delete(hall.taken("delete_vmacs")[0]!.vmacs);
  hall.deletions.stop();
  const left = () => client.links().filter(({ kind }) => kind === "macvlan").length;
  expect(left()).toBe(4);
  vmacs.withdraw();
  expect(left()).toBe(0);
});
