// Commands that a thread of the kernel carries out: against a real kernel, or one that has no io_uring.
import { expect, test } from "bun:test";
import { closeDescriptor, waitReadable } from "../../../native/descriptor.ts";
import { ERRNO } from "../../../native/errno.ts";
import { Memory } from "../../../native/memory.ts";
import { type AddressRequest, writeAddAddress } from "../../../native/netlink/address.ts";
import { AsideClient } from "../../../native/netlink/aside.ts";
import { RouteClient } from "../../../native/netlink/client.ts";
import { addressRequest, createNamespace, inside } from "./lab.ts";

const LOOPBACK = 1, NOWHERE = 4711;

function request(last: number, ifindex: number): AddressRequest {
  return addressRequest(ifindex, Uint8Array.of(10, 0, 0, last), { prefixLength: 32 });
}

test("a batch is carried out in order, each message has its answer, and the descriptor tells of the end", () => {
  const namespace = createNamespace();
  inside(namespace, () => {
    const aside = AsideClient.open();
    // A machine that allows none.
    if (aside === null) return;
    const client = new RouteClient();
    const memory = new Memory(1024);
    const results = new Int32Array(8).fill(7);
    for (let round = 1; round <= 3; round++) {
      let end = writeAddAddress(memory, 0, request(2 * round, LOOPBACK), "exclusive");
      end = writeAddAddress(memory, end, request(0, NOWHERE), "exclusive");
      end = writeAddAddress(memory, end, request(2 * round + 1, LOOPBACK), "exclusive");
      expect(aside.busy).toBe(false);
      expect(aside.begin(memory, 0, end, results)).toBe(3);
      expect(aside.busy).toBe(true);
      if (round === 1) aside.wait();
      else expect(waitReadable(aside.endedFd, 5000)).toBe(true);
      expect(aside.ended).toBe(true);
      expect(aside.conclude(results)).toBe(3);
      expect([...results.subarray(0, 4)]).toEqual([0, -ERRNO.ENODEV, 0, 7]);
      expect(aside.errorText(1)).toContain("not found");
      aside.forget();
      expect([aside.busy, waitReadable(aside.endedFd, 0)]).toEqual([false, false]);
    }
    const last = client.addresses().map(({ address }) => address).filter((a) =>
      a.length === 4 && a[0] === 10
    );
    expect(last.map((address) => address[3])).toEqual([2, 3, 4, 5, 6, 7]);
    expect(aside.begin(memory, 0, 5, results)).toBe(-ERRNO.EINVAL);
    expect(aside.busy).toBe(false);
    aside.close();
    client.close();
  });
  closeDescriptor(namespace);
});

test("where the kernel allows no io_uring there is none, and nothing is left open", () => {
  // No descriptor more may be opened: the kernel answers EMFILE, as it answers EPERM in a sandbox.
  const program = `
    import { openSync, closeSync, readdirSync } from "node:fs";
    import { IoUring } from "./native/io_uring.ts";
    import { libc } from "./native/libc.ts";
    import { Memory, pointer } from "./native/memory.ts";
    const RLIMIT_NOFILE = 7;
    const limit = new Memory(16);
    const allow = (soft) => {
      limit.view.setUint32(0, soft, true);
      limit.view.setUint32(8, 1024, true);
      libc.setrlimit(RLIMIT_NOFILE, pointer(limit.address));
    };
    const open = () => readdirSync("/proc/self/fd").length;
    const next = openSync("/dev/null");
    closeSync(next);
    const before = open();
    // One more, for what is to tell of the end.
    allow(next + 1);
    const none = IoUring.open() === null;
    allow(1024);
    console.log(none, open() - before);
  `;
  const child = Bun.spawnSync([process.execPath, "-e", program], { stderr: "pipe", timeout: 20_000 });
  expect([child.stdout.toString().trim(), child.stderr.toString()]).toEqual(["true 0", ""]);
});
