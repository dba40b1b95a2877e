// rtnetlink against the real kernel: transactions, errors, dumps, links, routes.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { IF, IF_ADDR, IP_CONF, NETLINK, RTNETLINK } from "../../../native/constants.ts";
import { ERRNO, SyscallError } from "../../../native/errno.ts";
import { IFADDRMSG } from "../../../native/layout.ts";
import { Memory } from "../../../native/memory.ts";
import {
  type AddressInfo,
  FOREVER,
  writeAddAddress,
  writeDeleteAddress,
} from "../../../native/netlink/address.ts";
import {
  buildBridge,
  buildGroupDelete,
  buildLinkChange,
  buildLinkDelete,
  buildMacvlan,
  buildVeth,
  writeLinkUp,
} from "../../../native/netlink/link.ts";
import { MessageBuilder } from "../../../native/netlink/message.ts";
import { buildRoute } from "../../../native/netlink/route.ts";
import { closeDescriptor } from "../../../native/descriptor.ts";
import { RouteClient } from "../../../native/netlink/client.ts";
import { addressRequest, createNamespace, hex, inside, ip, Lab } from "./lab.ts";

let lab: Lab;
const memory = new Memory(1 << 20);
const results = new Int32Array(8192);

beforeAll(() => void (lab = new Lab()));
afterAll(() => lab[Symbol.dispose]());

function transact(end: number): number {
  return lab.a.client.transact(memory, 0, end, results);
}

function find(text: string): AddressInfo | undefined {
  const wanted = ip(text).toHex();
  return lab.a.client.addresses().find((info) => info.address.toHex() === wanted);
}

function request(text: string, more = {}) {
  return addressRequest(lab.a.ifindex, ip(text), more);
}

describe("addresses", () => {
  test("add, see in the dump, delete", () => {
    const wanted = request("192.0.2.10", {
      prefixLength: 25,
      broadcast: ip("192.0.2.127"),
      label: "va:vip",
      protocol: 0x70,
      scope: 253,
    });
    expect(transact(writeAddAddress(memory, 0, wanted, "exclusive"))).toBe(1);
    expect(results[0]).toBe(0);
    expect(find("192.0.2.10")).toEqual({
      family: "ipv4",
      ifindex: lab.a.ifindex,
      address: ip("192.0.2.10"),
      prefixLength: 25,
      flags: IF_ADDR.IFA_F_PERMANENT,
      scope: 253,
      protocol: 0x70,
      label: "va:vip",
      preferredS: FOREVER,
      validS: FOREVER,
    });
    expect(transact(writeDeleteAddress(memory, 0, wanted))).toBe(1);
    expect(results[0]).toBe(0);
    expect(find("192.0.2.10")).toBeUndefined();
  });

  test("one transaction: in order, each with its own result and the kernel's sentence", () => {
    const there = request("192.0.2.20");
    let end = writeAddAddress(memory, 0, there, "exclusive");
    end = writeAddAddress(memory, end, there, "exclusive");
    end = writeDeleteAddress(memory, end, request("192.0.2.99"));
    end = writeAddAddress(memory, end, addressRequest(4711, ip("192.0.2.21")), "exclusive");
    end = writeAddAddress(memory, end, there, "replace");
    end = writeAddAddress(memory, end, request("192.0.2.22", { label: "far-too-long-name" }), "exclusive");
    end = writeDeleteAddress(memory, end, there);
    expect(transact(end)).toBe(7);
    expect([...results.slice(0, 7)]).toEqual([
      0,
      -ERRNO.EEXIST,
      -ERRNO.EADDRNOTAVAIL,
      -ERRNO.ENODEV,
      0,
      -ERRNO.ERANGE,
      0,
    ]);
    const { client } = lab.a;
    expect(client.errorText(0)).toBe("");
    expect(client.errorText(1)).toBe("ipv4: Address already assigned");
    expect(client.errorText(2)).toBe("ipv4: Address not found");
    expect(client.errorText(3)).toBe("ipv4: Device not found");
    expect(client.errorText(5)).not.toBe("");
    transact(writeAddAddress(memory, 0, there, "replace"));
    expect(client.errorText(1)).toBe(""); // of the last transaction only
    transact(writeDeleteAddress(memory, 0, there));
  });

  for (const text of ["192.0.2.30", "2001:db8::30"]) {
    test(`${text}: lifetimes are seen, renewed and made permanent`, () => {
      const lease = (seconds: number) => request(text, { preferredS: seconds, validS: seconds });
      transact(writeAddAddress(memory, 0, lease(30), "exclusive"));
      expect(results[0]).toBe(0);
      expect(find(text)?.validS).toBeGreaterThan(25);
      expect(find(text)?.validS).toBeLessThanOrEqual(30);
      expect((find(text)?.flags ?? 0) & IF_ADDR.IFA_F_PERMANENT).toBe(0);
      transact(writeAddAddress(memory, 0, lease(1000), "replace"));
      expect(results[0]).toBe(0);
      expect(find(text)?.validS).toBeGreaterThan(990);
      transact(writeAddAddress(memory, 0, lease(FOREVER), "replace"));
      expect(find(text)?.validS).toBe(FOREVER);
      expect((find(text)?.flags ?? 0) & IF_ADDR.IFA_F_PERMANENT).not.toBe(0);
      transact(writeDeleteAddress(memory, 0, request(text)));
      expect(results[0]).toBe(0);
    });
  }

  test("IPv6: without DAD it is usable at once; preferred 0 makes it deprecated", () => {
    const wanted = request("2001:db8::40", { preferredS: 0, validS: 60, protocol: 0x70, prefixLength: 128 });
    transact(writeAddAddress(memory, 0, wanted, "exclusive"));
    expect(results[0]).toBe(0);
    const info = find("2001:db8::40");
    expect((info?.flags ?? 0) & IF_ADDR.IFA_F_TENTATIVE).toBe(0);
    expect((info?.flags ?? 0) & IF_ADDR.IFA_F_DEPRECATED).not.toBe(0);
    expect(info).toMatchObject({
      family: "ipv6",
      prefixLength: 128,
      preferredS: 0,
      protocol: 0x70,
      label: null,
    });
    transact(writeDeleteAddress(memory, 0, wanted));
  });

  test("a thousand addresses in one send, each with its result", () => {
    const requests = Array.from(
      { length: 1000 },
      (_, i) => request(`10.9.${i >> 8}.${i & 255}`, { prefixLength: 32 }),
    );
    let end = 0;
    for (const wanted of requests) end = writeAddAddress(memory, end, wanted, "exclusive");
    expect(transact(end)).toBe(1000);
    expect([...results.slice(0, 1000)].filter((result) => result !== 0)).toEqual([]);
    expect(lab.a.client.addresses().filter((info) => info.address[0] === 10).length).toBe(1000);
    end = 0;
    for (const wanted of requests) end = writeDeleteAddress(memory, end, wanted);
    end = writeDeleteAddress(memory, end, requests[0] as (typeof requests)[0]);
    expect(transact(end)).toBe(1001);
    expect([...results.slice(0, 1000)].filter((result) => result !== 0)).toEqual([]);
    expect(results[1000]).toBe(-ERRNO.EADDRNOTAVAIL);
    expect(lab.a.client.addresses().filter((info) => info.address[0] === 10)).toEqual([]);
  });

  test("five thousand errors in one send lose no result", () => {
    const missing = request("192.0.2.99");
    let end = 0;
    for (let i = 0; i < 5000; i++) end = writeDeleteAddress(memory, end, missing);
    expect(transact(end)).toBe(5000);
    expect([...results.slice(0, 5000)].filter((result) => result !== -ERRNO.EADDRNOTAVAIL)).toEqual([]);
  });
});

describe("dumps", () => {
  test("are whole although the table changes under them", async () => {
    const requests = Array.from(
      { length: 1000 },
      (_, i) => request(`10.9.${i >> 8}.${i & 255}`, { prefixLength: 32 }),
    );
    let end = 0;
    for (const wanted of requests) end = writeAddAddress(memory, end, wanted, "exclusive");
    expect(transact(end)).toBe(1000);
    const stop = new SharedArrayBuffer(4);
    const worker = new Worker(new URL("./churn.worker.ts", import.meta.url));
    const said = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<number>();
    worker.onerror = (event) => said.reject(new Error(event.message));
    worker.onmessage = ({ data }) => data === "churning" ? said.resolve() : ended.resolve(data as number);
    worker.postMessage({ namespace: lab.a.namespace, ifindex: lab.a.ifindex, stop });
    await said.promise;
    try {
      for (let i = 0; i < 10; i++) {
        const seen = new Set<string>();
        let duplicates = 0;
        for (const { address } of lab.a.client.addresses()) {
          const text = address.toHex();
          if (!text.startsWith("0a09")) continue;
          if (seen.has(text)) duplicates++;
          seen.add(text);
        }
        expect([seen.size, duplicates]).toEqual([1000, 0]);
      }
    } finally {
      Atomics.store(new Int32Array(stop), 0, 1);
    }
    expect(await ended.promise).toBeGreaterThan(0);
    worker.terminate();
    end = 0;
    for (const wanted of requests) end = writeDeleteAddress(memory, end, wanted);
    transact(end);
  }, 30_000);
});

describe("transactions", () => {
  test("nothing to send, broken bytes, too few results", () => {
    expect(transact(0)).toBe(0);
    memory.bytes.fill(0, 0, 64);
    expect(transact(64)).toBe(-ERRNO.EINVAL);
    let end = writeDeleteAddress(memory, 0, request("192.0.2.99"));
    expect(transact(end - 4)).toBe(-ERRNO.EINVAL);
    end = writeDeleteAddress(memory, end, request("192.0.2.99"));
    expect(lab.a.client.transact(memory, 0, end, new Int32Array(1))).toBe(-ERRNO.EINVAL);
  });

  test("a message without an answer is given up after the time limit", () => {
    const b = new MessageBuilder(memory);
    // A list is an answer, but none that says how it went.
    b.begin(RTNETLINK.RTM_GETADDR, NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_DUMP);
    b.zero(IFADDRMSG.size);
    expect(transact(b.end())).toBe(1);
    expect(results[0]).toBe(-ERRNO.ETIMEDOUT);
    b.reset(memory, 0);
    b.begin(NETLINK.NLMSG_NOOP, NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_ACK);
    expect(transact(b.end())).toBe(1);
    expect(results[0]).toBe(0);
  });

  test("a batch beyond the send buffer fails as a whole, and the socket goes on", () => {
    const large = new Memory(20 << 20);
    const b = new MessageBuilder(large);
    b.begin(NETLINK.NLMSG_NOOP, NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_ACK);
    b.zero(19 << 20);
    expect(lab.a.client.transact(large, 0, b.end(), results)).toBe(-ERRNO.EMSGSIZE);
    expect(lab.a.client.links().length).toBeGreaterThan(0);
  });

  test("a request that fails throws one sentence with the kernel's own", () => {
    const loopback = lab.a.client.links().find((link) => link.name === "lo");
    expect(() =>
      lab.a.client.request((b) => buildLinkDelete(b, loopback?.ifindex ?? 1), "delete the link lo")
    ).toThrow("cannot delete the link lo (netlink: EOPNOTSUPP)");
    const create = () => lab.a.client.request((b) => buildBridge(b, "va"));
    expect(create).toThrow(SyscallError);
    expect(create).toThrow(/^cannot change the network configuration \(netlink: EEXIST/);
    const tooLarge = () => lab.a.client.request((b) => b.zero(100_000));
    expect(tooLarge).toThrow("EMSGSIZE");
  });

  test("the sequence number may wrap", () => {
    const client = inside(lab.a.namespace, () => new RouteClient(0xffff_fffe));
    const b = new MessageBuilder(memory);
    let end = 0;
    for (let i = 0; i < 3; i++) {
      b.begin(NETLINK.NLMSG_NOOP, NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_ACK);
      end = b.end();
    }
    expect(client.transact(memory, 0, end, results)).toBe(3);
    expect([...results.slice(0, 3)]).toEqual([0, 0, 0]);
    expect(client.transact(memory, 0, end, results)).toBe(3);
    expect([...results.slice(0, 3)]).toEqual([0, 0, 0]);
    client.close();
  });
});

describe("links and routes", () => {
  test("bridge, port, MAC, name, mtu, up, delete", () => {
    const { client } = lab.a;
    const byName = (name: string) => client.links().find((link) => link.name === name);
    client.request((b) => buildBridge(b, "br0"));
    client.request((b) => buildVeth(b, { name: "p0" }, { name: "p1" }));
    const bridge = byName("br0");
    const port = byName("p0");
    expect(bridge).toMatchObject({ kind: "bridge", masterIfindex: 0, arpType: 1 });
    if (bridge === undefined || port === undefined) throw new Error("no links");
    const mac = hex("020000000077");
    client.request((b) =>
      buildLinkChange(b, port.ifindex, { masterIfindex: bridge.ifindex, mac, mtu: 1400 })
    );
    client.request((b) => buildLinkChange(b, port.ifindex, { name: "p9" }));
    client.request((b) => buildLinkChange(b, port.ifindex, { up: true }));
    expect(byName("p9")).toMatchObject({
      ifindex: port.ifindex,
      masterIfindex: bridge.ifindex,
      mac,
      mtu: 1400,
      kind: "veth",
    });
    expect((byName("p9")?.flags ?? 0) & IF.IFF_UP).toBe(IF.IFF_UP);
    client.request((b) => buildLinkChange(b, port.ifindex, { masterIfindex: 0, up: false }));
    expect(byName("p9")?.masterIfindex).toBe(0);
    expect((byName("p9")?.flags ?? 0) & IF.IFF_UP).toBe(0);
    client.request((b) => buildLinkDelete(b, port.ifindex));
    client.request((b) => buildLinkDelete(b, bridge.ifindex));
    expect(byName("p1")).toBeUndefined();
  });

  test("macvlan on a parent", () => {
    const { client, ifindex } = lab.a;
    const mac = hex("00005e000133");
    client.request((b) => buildMacvlan(b, "vrrp.51", ifindex, mac, 4));
    const made = client.links().find((link) => link.name === "vrrp.51");
    expect(made).toMatchObject({ kind: "macvlan", mac });
    client.request((b) => buildLinkDelete(b, made?.ifindex ?? 0));
  });

  test("a macvlan with its parameters before it is up; several are deleted at once", () => {
    const { client, ifindex, namespace } = lab.a;
    const names = ["vrrp.1", "vrrp.2"];
    for (const [i, name] of names.entries()) {
      const mac = hex(`00005e00010${i + 1}`);
      client.request((b) => buildMacvlan(b, name, ifindex, mac, 4, 7));
      const ipv4Conf: [number, number][] = [
        [IP_CONF.IPV4_DEVCONF_ARP_IGNORE, 1],
        [IP_CONF.IPV4_DEVCONF_ARPFILTER, 1],
        [IP_CONF.IPV4_DEVCONF_RP_FILTER, 2],
        [IP_CONF.IPV4_DEVCONF_PROMOTE_SECONDARIES, 1],
      ];
      client.request((b) => buildLinkChange(b, 0, { name, alias: "mark", noIpv6Autoconf: true, ipv4Conf }));
    }
    const made = client.link("vrrp.2");
    expect(made).toMatchObject({ kind: "macvlan", parentIfindex: ifindex, alias: "mark" });
    expect(made!.flags & IF.IFF_UP).toBe(0);
    expect(client.link("vrrp.3")).toBeNull();
    inside(namespace, () => {
      const values = ["arp_ignore", "arp_filter", "rp_filter", "promote_secondaries"].map((name) =>
        readFileSync(`/proc/sys/net/ipv4/conf/vrrp.2/${name}`, "utf8").trim()
      );
      expect(values).toEqual(["1", "1", "2", "1"]);
      expect(readFileSync("/proc/sys/net/ipv6/conf/vrrp.2/addr_gen_mode", "utf8").trim()).toBe("1");
    });
    for (const up of [true, false]) {
      expect(transact(writeLinkUp(memory, 0, made!.ifindex, up))).toBe(1);
      expect((client.link("vrrp.2")!.flags & IF.IFF_UP) !== 0).toBe(up);
    }
    client.request((b) => buildGroupDelete(b, 7));
    expect(names.map((name) => client.link(name))).toEqual([null, null]);
  });

  test("a link moves to another namespace", () => {
    const namespace = createNamespace();
    const there = inside(namespace, () => new RouteClient());
    lab.a.client.request((b) => buildVeth(b, { name: "m0" }, { name: "m1" }));
    const moving = lab.a.client.links().find((link) => link.name === "m1");
    lab.a.client.request((b) => buildLinkChange(b, moving?.ifindex ?? 0, { namespaceFd: namespace }));
    expect(there.links().map((link) => link.name)).toContain("m1");
    expect(lab.a.client.links().map((link) => link.name)).not.toContain("m1");
    there.close();
    closeDescriptor(namespace);
  });

  test("routes: a default route needs a gateway that can be reached", () => {
    const { client, ifindex } = lab.a;
    const route = {
      family: "ipv4",
      destination: null,
      prefixLength: 0,
      gateway: ip("198.51.100.1"),
      ifindex,
      source: null,
      protocol: RTNETLINK.RTPROT_STATIC,
    } as const;
    expect(() => client.request((b) => buildRoute(b, route, "add"), "add the default route")).toThrow(
      "cannot add the default route (netlink: ENETUNREACH, the kernel says: Nexthop has invalid gateway)",
    );
    const connected = { ...route, destination: ip("198.51.100.0"), prefixLength: 24, gateway: null };
    client.request((b) => buildRoute(b, connected, "add"));
    client.request((b) => buildRoute(b, route, "add"));
    expect(() => client.request((b) => buildRoute(b, route, "add"))).toThrow("EEXIST");
    const six = { ...route, family: "ipv6", gateway: ip("fe80::b") } as const;
    client.request((b) => buildRoute(b, six, "add"));
  });
});
