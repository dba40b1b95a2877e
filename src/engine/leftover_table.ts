// The nftables table that an earlier run left behind when it crashed, on a kernel that knows no owned tables.
import { ERRNO, SyscallError } from "../../native/errno.ts";
import { Memory } from "../../native/memory.ts";
import { MessageBuilder } from "../../native/netlink/message.ts";
import { NetfilterClient } from "../../native/netlink/netfilter.ts";
import { writeBatch, writeDeleteTable } from "../../native/netlink/nftables.ts";

/**
 * Removes the table that the state file of an earlier run names; null = it names none. Returns what was done or why
 * it could not be, a clause each.
 */
export function removeLeftoverTable(name: string | null): { removed: string[]; refused: string | null } {
  if (name === null) return { removed: [], refused: null };
  let errno: number;
  try {
    const client = new NetfilterClient();
    const memory = new Memory(1024);
    const b = new MessageBuilder(memory);
    writeBatch(b, "begin");
    writeDeleteTable(b, name);
    errno = -client.send(memory, writeBatch(b, "end")).result;
    client.close();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    errno = error.errno;
  }
  const table = `the nftables table inet ${name}`;
  if (errno === 0) return { removed: [table], refused: null };
  // Gone already, by another hand.
  if (errno === ERRNO.ENOENT) return { removed: [], refused: null };
  return {
    removed: [],
    refused: `${table} of an earlier run cannot be removed; run nft delete table inet ${name}`,
  };
}
