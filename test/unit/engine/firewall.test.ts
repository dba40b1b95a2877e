// When the firewall blocks addresses and lets them go, and what it says where it cannot.
import { expect, test } from "bun:test";
import { NF_TABLES } from "../../../native/constants.ts";
import { ERRNO } from "../../../native/errno.ts";
import type { Memory } from "../../../native/memory.ts";
import type { RouteClient } from "../../../native/netlink/client.ts";
import { eachMessage, messageType } from "../../../native/netlink/message.ts";
import { DEFAULT_FIREWALL } from "../../../src/config/firewall.ts";
import { plainAddress } from "../../../src/config/plain.ts";
import type { Firewall } from "../../../src/engine/firewall.ts";
import { Holding, transferAddresses } from "../../../src/engine/holding.ts";
import { Holdings } from "../../../src/engine/holdings.ts";
import { Links } from "../../../src/engine/links.ts";
import { firewall, holding, recorded } from "./dropping.ts";

test("addresses are blocked before they are set, and let go once they are removed, slice by slice", () => {
  const links = new Links();
  links.resync([{
    ifindex: 1,
    name: "lo",
    mac: new Uint8Array(6),
    mtu: 1500,
    up: true,
    running: true,
  } as never], []);
  const steps: string[] = [];
  const client = {
    transact(_memory: Memory, start: number, end: number, results: Int32Array) {
      results.fill(0);
      steps.push(`${target.bound("remove", 0) > start ? "set" : "removed"} ${end - start > 0}`);
      return 1;
    },
  } as unknown as RouteClient;
  const blocker = {
    block: (_: Holding, first: number, end: number) => steps.push(`block ${first}..${end}`),
    unblock: (_: Holding, first: number, end: number) => steps.push(`unblock ${first}..${end}`),
  } as unknown as Firewall;
  const target = holding(40);
  target.build(links);
  const nothing = () => {};
  const means = { client, links, firewall: blocker, takesOver: false, aside: null };
  const holdings = new Holdings({ ...means, watch: nothing, unwatch: nothing }, {
    taking: () => {},
    leaving: () => {},
    changed: () => {},
    claimed: () => false,
    refused: (_, text) => steps.push(text),
  });
  holdings.want(target, true);
  holdings.finish(target);
  holdings.want(target, false);
  holdings.finish(target);
  expect(steps).toEqual([
    "block 0..32",
    "set true",
    "block 32..40",
    "set true",
    "removed true",
    "unblock 0..32",
    "removed true",
    "unblock 32..40",
  ]);
});

test("an address that a reload keeps stays blocked: it changes hands", () => {
  const { made, sent } = recorded();
  const [before, after] = [holding(2), holding(3)];
  made.block(before, 0, 2);
  before.state.fill(1);
  sent.length = 0;
  transferAddresses(before, after);
  made.unblock(before, 0, 2);
  expect(sent).toEqual([]);
  made.block(after, 0, 3);
  expect(sent.filter((type) => type === NF_TABLES.NFT_MSG_NEWSETELEM).length).toBe(1);
  made.unblock(after, 0, 3);
  expect(sent.filter((type) => type === NF_TABLES.NFT_MSG_DELSETELEM).length).toBe(1);
});

test("an address that two hold is dropped until both let go", () => {
  const { made, sent } = recorded();
  const [one, two] = [holding(1), holding(1)];
  made.block(one, 0, 1);
  made.block(two, 0, 1);
  made.unblock(one, 0, 1);
  made.unblock(one, 0, 1);
  expect(sent).not.toContain(NF_TABLES.NFT_MSG_DELSETELEM);
  made.unblock(two, 0, 1);
  expect(sent.filter((type) => type === NF_TABLES.NFT_MSG_DELSETELEM).length).toBe(1);
});

test("a link-local address is dropped on the interface that has the name now", () => {
  const sent: string[] = [];
  const { firewall: made } = firewall(() => ({
    send: ({ bytes, view }, end) => {
      eachMessage(view, 0, end, (at, to) => {
        const type = messageType(view, at) & 0xff;
        if (type !== NF_TABLES.NFT_MSG_NEWSETELEM && type !== NF_TABLES.NFT_MSG_DELSETELEM) return;
        const what = type === NF_TABLES.NFT_MSG_NEWSETELEM ? "add" : "delete";
        const key = bytes.subarray(at, to).toHex().match(/(\w\w)000000fe80(?:00){13}01/);
        sent.push(`${what} ${key?.[1]}`);
      });
      return { result: 0, message: 0, text: "" };
    },
    close: () => {},
  }));
  made.settle({ ...DEFAULT_FIREWALL, byIndex: true }, true);
  const target = new Holding({
    addresses: [plainAddress("fe80::1", 64, "vrrp.51")],
    excludedAddresses: [],
    accept: false,
  }, 0);
  target.ifindex[0] = 7;
  made.block(target, 0, 1);
  made.block(target, 0, 1);
  // Somebody has deleted the VMAC, and it was made anew.
  target.ifindex[0] = 9;
  made.block(target, 0, 1);
  made.unblock(target, 0, 1);
  expect(sent).toEqual(["add 07", "delete 07", "add 09", "delete 09"]);
});

for (
  const [errno, cure] of [
    [ERRNO.EOPNOTSUPP, "load the module nf_tables"],
    [ERRNO.EPERM, "run as root or grant CAP_NET_ADMIN"],
  ] as const
) {
  test(`a kernel that refuses with ${errno}: one warning with the cure, and it is not asked again before a reload`, () => {
    let asked = 0;
    const { firewall: made, lines } = firewall(() => ({
      send: () => (asked++, { result: -errno, message: 0, text: "" }),
      close: () => {},
    }));
    made.settle(undefined, true);
    const target = holding(3);
    made.block(target, 0, 3);
    made.unblock(target, 0, 3);
    expect(asked).toBe(1);
    expect(lines.length).toBe(1);
    expect(lines[0]).toStartWith("warning: nftables cannot be used (");
    expect(lines[0]).toContain(cure);
    made.settle(undefined, true);
    expect(asked).toBe(2);
    made.close();
  });
}

test("a rehearsal names no table that is there, blocks nothing, and asks no kernel that was not asked yet", () => {
  const tables: string[] = [];
  let refuse = false;
  const { firewall: made, posted, lines } = firewall(() => ({
    send: ({ bytes }, end) => {
      const text = new TextDecoder("latin1").decode(bytes.subarray(0, end));
      tables.push(text.includes("re/hearsal\0") ? "nobody's" : "ours");
      return { result: refuse ? -ERRNO.ENOENT : 0, message: 1, text: "" };
    },
    close: () => {},
  }));
  const actor = holding(2);
  made.rehearse(actor);
  expect([tables, posted, lines]).toEqual([[], [], []]);
  made.settle(DEFAULT_FIREWALL, true);
  posted.length = tables.length = 0;
  refuse = true;
  made.rehearse(actor);
  expect([tables, posted, lines]).toEqual([["nobody's", "nobody's"], [], []]);
  refuse = false;
  // Its addresses are blocked by nobody: a real one begins anew, in the real table.
  made.block(actor, 0, 2);
  expect(tables.slice(2)).toEqual(["ours"]);
});
