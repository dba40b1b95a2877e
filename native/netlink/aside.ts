// rtnetlink commands that run beside this thread: the kernel may let whoever gives one wait for others' work.
//
// There is one lock for all changes of interfaces and addresses of a machine (rtnl), whatever their network namespace.
// A driver that resets its card, or a container's hundred interfaces that go, may hold it for a second.
import { NETLINK } from "../constants.ts";
import { drainEventfd } from "../eventfd.ts";
import { IoUring } from "../io_uring.ts";
import { NLMSGHDR } from "../layout.ts";
import { Memory } from "../memory.ts";
import { RouteClient } from "./client.ts";
import { MessageBuilder } from "./message.ts";

/** One batch of commands at a time. Belongs to the thread that has made it. */
export class AsideClient {
  readonly #client: RouteClient;
  readonly #ring: IoUring;
  #count = 0;

  private constructor(ring: IoUring) {
    this.#ring = ring;
    this.#client = new RouteClient();
  }

  /**
   * Null where the kernel runs nothing aside. Throws SyscallError where there is no netlink. The thread of the kernel is
   * there from now on, for `setRealtime` (../schedule.ts) to find.
   */
  static open(): AsideClient | null {
    const ring = IoUring.open();
    if (ring === null) return null;
    const aside = new AsideClient(ring);
    if (aside.#rehearse()) return aside;
    aside.close();
    return null;
  }

  /** Has a message carried out that does nothing. False: before Linux 5.6 there are rings that cannot send. */
  #rehearse(): boolean {
    const memory = new Memory(NLMSGHDR.size);
    const builder = new MessageBuilder(memory);
    builder.begin(NETLINK.NLMSG_NOOP, NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_ACK);
    builder.end();
    const results = new Int32Array(1);
    if (this.begin(memory, 0, memory.bytes.length, results) < 0) return false;
    this.wait();
    return this.conclude(results) === 1;
  }

  /** As the kernel names it in what it reports of the batch. */
  get portId(): number {
    return this.#client.portId;
  }

  /** Readable from the end of a batch until `forget`. */
  get endedFd(): number {
    return this.#ring.endedFd;
  }

  /** A batch is under way. */
  get busy(): boolean {
    return this.#ring.busy;
  }

  /**
   * Has the messages of [start, end) carried out as `transact` of RouteClient does, and returns at once: their number,
   * or -errno where nothing was begun. Both memories stay as they are until the end. Only when it is not busy.
   */
  begin(memory: Memory, start: number, end: number, results: Int32Array): number {
    const count = this.#client.numberQuiet(memory, start, end, results);
    if (count <= 0) return count;
    const refused = this.#ring.send(this.#client.fd, memory, start, end);
    if (refused < 0) return refused;
    this.#count = count;
    return count;
  }

  /** Whether the batch has ended: `conclude` is to be called then. Allocates nothing. */
  get ended(): boolean {
    return this.#ring.ended;
  }

  /** Waits until the batch has ended. Throws SyscallError where the kernel does not let it. */
  wait(): void {
    this.#ring.wait();
  }

  /** Takes the answers into `results`. Returns the number of messages, or -errno if nothing was done. */
  conclude(results: Int32Array): number {
    const sent = this.#ring.take();
    if (sent < 0) return sent;
    this.#client.collectErrors(this.#count, results);
    return this.#count;
  }

  /** The kernel's sentence for result `i` of the last batch, "" if it gave none. */
  errorText(i: number): string {
    return this.#client.errorText(i);
  }

  /** Makes `endedFd` unreadable, for whoever is about to wait for the next batch. */
  forget(): void {
    drainEventfd(this.endedFd);
  }

  /** Waits for what is under way: the kernel reads the memory until then. */
  close(): void {
    if (this.busy) this.wait();
    this.#ring.close();
    this.#client.close();
  }
}
