// nf_tables messages: what the kernel makes of them, how refusals come back, and that no input breaks the format.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { closeDescriptor } from "../../../native/descriptor.ts";
import { ERRNO } from "../../../native/errno.ts";
import { Memory } from "../../../native/memory.ts";
import { eachAttribute, eachMessage, MessageBuilder } from "../../../native/netlink/message.ts";
import { acknowledgementText, NetfilterClient } from "../../../native/netlink/netfilter.ts";
import {
  setKey,
  writeBatch,
  writeDeleteTable,
  writeElements,
  writeNewChain,
  writeNewRule,
  writeNewSet,
  writeNewTable,
} from "../../../native/netlink/nftables.ts";
import { createNamespace, hex, inside, ip } from "./lab.ts";

/** Builds a batch and sends it. */
function send(client: NetfilterClient, build: (b: MessageBuilder) => void) {
  const memory = new Memory(65536);
  const b = new MessageBuilder(memory);
  writeBatch(b, "begin");
  build(b);
  return client.send(memory, writeBatch(b, "end"));
}

/** Runs `work` in a namespace of its own, with a client and `nft`. */
function lab(work: (client: NetfilterClient, nft: (...words: string[]) => string) => void): void {
  const namespace = createNamespace();
  inside(namespace, () => {
    const client = new NetfilterClient();
    work(client, (...words) => Bun.spawnSync(["nft", ...words]).stdout.toString());
    client.close();
  });
  closeDescriptor(namespace);
}

describe("the kernel", () => {
  test("takes a batch as nft would have said it, and an owned table goes with its socket", () => {
    lab((client, nft) => {
      const result = send(client, (b) => {
        writeNewTable(b, "t", "of a test", "owned");
        writeNewSet(b, "t", "s", "ifname . ipv6_addr", 1);
        writeNewChain(b, "t", "c", "output", -5);
        writeNewRule(b, "t", "c", [
          { kind: "meta", key: 15, register: 0 },
          { kind: "compare", how: "equal", value: Uint8Array.of(10), register: 0 },
          { kind: "meta", key: 7, register: 0 },
          { kind: "payload", base: "network", offset: 8, bytes: 16, register: 4 },
          { kind: "lookup", set: "s", id: 1, register: 0 },
          { kind: "counter" },
          { kind: "verdict", verdict: "drop" },
        ]);
        writeElements(b, "t", "s", [setKey(ip("fe80::1"), "lo")], "add");
      });
      expect(result).toEqual({ result: 0, message: 0, text: "" });
      const text = nft("list", "ruleset");
      expect(text).toContain("flags owner");
      expect(text).toContain('comment "of a test"');
      expect(text).toContain('elements = { "lo" . fe80::1 }');
      expect(text).toContain("type filter hook output priority filter - 5; policy accept;");
      expect(text).toContain("oifname . ip6 saddr @s counter packets 0 bytes 0 drop");
      client.close();
      expect(nft("list", "ruleset")).toBe("");
      // The lab closes one as well.
      Object.defineProperty(client, "close", { value: () => {} });
    });
  });

  test("leaves a table that is to outlive its owner, for everybody", () => {
    lab((client, nft) => {
      const made = send(client, (b) => {
        writeNewTable(b, "t", "", "persistent");
        writeNewSet(b, "t", "s", "ipv4_addr", 1);
        writeElements(b, "t", "s", [ip("192.0.2.1")], "add");
      });
      expect(made.result).toBe(0);
      nft("flush", "ruleset");
      expect(nft("list", "ruleset")).toContain("flags owner");
      client.close();
      expect(nft("list", "ruleset")).not.toContain("owner");
      expect(nft("list", "ruleset")).toContain("elements = { 192.0.2.1 }");
      nft("delete", "table", "inet", "t");
      expect(nft("list", "ruleset")).toBe("");
      // The lab closes one as well.
      Object.defineProperty(client, "close", { value: () => {} });
    });
  });

  test("refuses a batch as a whole, and says which message", () => {
    lab((client, nft) => {
      const result = send(client, (b) => {
        writeNewTable(b, "t", "", "shared");
        writeDeleteTable(b, "missing");
        writeDeleteTable(b, "t");
      });
      expect(result).toMatchObject({ result: -ERRNO.ENOENT, message: 2 });
      expect(nft("list", "ruleset")).toBe("");
      expect(
        send(client, (b) => {
          writeNewTable(b, "t", "", "shared");
          writeNewSet(b, "t", "s", "ipv4_addr", 1);
          writeElements(b, "t", "s", [ip("192.0.2.1")], "add");
        }).result,
      ).toBe(0);
      expect(send(client, (b) => {
        writeNewTable(b, "t", "", "owned");
        writeDeleteTable(b, "t");
      })).toMatchObject({ result: -ERRNO.EEXIST, message: 1 });
      expect(send(client, (b) => writeElements(b, "t", "s", [ip("192.0.2.1")], "add")).result).toBe(0);
      expect(send(client, (b) => writeElements(b, "t", "s", [ip("192.0.2.2")], "delete")).result).toBe(
        -ERRNO.ENOENT,
      );
      expect(nft("list", "ruleset")).toContain("elements = { 192.0.2.1 }");
    });
  });

  test("is not asked with what is no batch", () => {
    lab((client) => {
      const memory = new Memory(64);
      expect(client.send(memory, 64).result).toBe(-ERRNO.EINVAL);
      expect(send(client, () => {}).result).toBe(-ERRNO.EINVAL);
    });
  });
});

describe("the format", () => {
  test("keys are the bytes that the packet path compares", () => {
    expect(setKey(ip("fe80::1"), 0x0102)).toEqual(hex("02010000 fe800000000000000000000000000001"));
    expect(setKey(ip("fe80::1"), "eth0")).toEqual(
      hex("65746830000000000000000000000000 fe800000000000000000000000000001"),
    );
  });

  test("whatever the names, keys and room: whole messages, or -1", () => {
    const keys = fc.array(fc.uint8Array({ minLength: 4, maxLength: 32 }), { maxLength: 40 });
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        keys,
        fc.integer({ min: 0, max: 4000 }),
        (name, all, room) => {
          const memory = new Memory(room);
          const b = new MessageBuilder(memory);
          writeNewTable(b, name, name.slice(0, 100), "owned");
          writeNewChain(b, name, name, "input", -2147483648);
          const end = writeElements(b, name, name, all, "delete");
          if (end < 0) return;
          let messages = 0;
          eachMessage(memory.view, 0, end, (from, to) => {
            messages++;
            let stop = from + 20;
            eachAttribute(memory.view, from + 20, to, (_type, _start, after) => stop = (after + 3) & ~3);
            expect(stop).toBe(to);
          });
          expect(messages).toBe(3);
        },
      ),
    );
  });

  test("the kernel's sentence is found in its answer", () => {
    const text = hex(
      "00000000 0200 0003 00000000 00000000 feffffff" + "00000000".repeat(4) + "0700 0100 6e6f00 00",
    );
    expect(acknowledgementText(text, 0, text.length)).toBe("no");
  });
});
