// The firewall on a kernel that knows no owned tables (before 5.12), made of the one that is here.
import { expect, test } from "bun:test";
import { NF_TABLES } from "../../../native/constants.ts";
import { closeDescriptor } from "../../../native/descriptor.ts";
import { ERRNO } from "../../../native/errno.ts";
import type { Memory } from "../../../native/memory.ts";
import { eachMessage, findAttribute, messageType } from "../../../native/netlink/message.ts";
import { NetfilterClient } from "../../../native/netlink/netfilter.ts";
import { removeLeftoverTable } from "../../../src/engine/leftover_table.ts";
import { firewall, holding } from "../engine/dropping.ts";
import { createNamespace, inside } from "./lab.ts";

test("without owned tables: what somebody flushes comes back, and a crash's table is found by its name", () => {
  const namespace = createNamespace();
  inside(namespace, () => {
    const list = () => Bun.spawnSync(["nft", "list", "ruleset"]).stdout.toString();
    const { firewall: made, posted, lines } = firewall(() => new OldKernel());
    made.settle(undefined, true);
    const target = holding(600);
    made.block(target, 0, 100);
    expect(list()).not.toContain("flags owner");
    expect(list()).toContain("10.1.0.99");
    expect(posted).toEqual([{ type: "table", name: "baton" }]);
    Bun.spawnSync(["nft", "flush", "ruleset"]);
    made.block(target, 100, 600);
    expect(list().match(/10\.1\.\d+\.\d+/g)?.length).toBe(600);
    Bun.spawnSync(["nft", "flush ruleset"]);
    made.settle(undefined, true);
    expect(list().match(/10\.1\.\d+\.\d+/g)?.length).toBe(600);
    expect(lines).toEqual([]);
    expect(removeLeftoverTable("baton")).toEqual({
      removed: ["the nftables table inet baton"],
      refused: null,
    });
    expect(removeLeftoverTable("baton")).toEqual({ removed: [], refused: null });
    expect(removeLeftoverTable(null)).toEqual({ removed: [], refused: null });
    expect(list()).toBe("");
    made.unblock(target, 0, 599);
    expect(list()).toContain("elements = { 10.1.2.87 }");
    made.close();
    expect(list()).toBe("");
    expect(posted.at(-1)).toEqual({ type: "table", name: null });
  });
  closeDescriptor(namespace);
});

test("a table that is to outlive the process stands without an owner, too, and stays", () => {
  const namespace = createNamespace();
  inside(namespace, () => {
    const list = () => Bun.spawnSync(["nft", "list", "ruleset"]).stdout.toString();
    let client: NetfilterClient | null = null;
    const { firewall: made, posted, lines } = firewall(() => client = new OldKernel(), true);
    made.settle(undefined, true);
    made.block(holding(1), 0, 1);
    expect(posted).toEqual([{ type: "table", name: "baton" }]);
    client!.close();
    expect(list()).toContain("elements = { 10.1.0.0 }");
    expect(removeLeftoverTable("baton").refused).toBeNull();
    expect(lines).toEqual([]);
  });
  closeDescriptor(namespace);
});

/** The kernel before 5.12: a table with the flag is refused. */
class OldKernel extends NetfilterClient {
  override send(memory: Memory, end: number) {
    const { view } = memory;
    let refused = -1;
    let index = 0;
    eachMessage(view, 0, end, (from, to) => {
      const flags = findAttribute(view, from + 20, to, NF_TABLES.NFTA_TABLE_FLAGS);
      const isTable = (messageType(view, from) & 0xff) === NF_TABLES.NFT_MSG_NEWTABLE;
      const isOwned = flags >= 0 && (view.getUint32(flags + 4) & NF_TABLES.NFT_TABLE_F_OWNER) !== 0;
      if (isTable && index > 0 && isOwned) refused = index;
      index++;
    });
    return refused < 0 ? super.send(memory, end) : { result: -ERRNO.EINVAL, message: refused, text: "" };
  }
}
