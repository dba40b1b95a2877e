// rtnetlink dumps: a whole table of the kernel, read again when it changes meanwhile.
import { NETLINK, SOCKET } from "../constants.ts";
import { waitReadable } from "../descriptor.ts";
import { ERRNO, lastErrno, SyscallError } from "../errno.ts";
import { NLMSGHDR } from "../layout.ts";
import { libc } from "../libc.ts";
import { Memory, pointer } from "../memory.ts";
import { eachMessage, MessageBuilder, messageFlags, messageSequence, messageType } from "./message.ts";

/** The kernel answers at once; this is for one that does not. */
const TIME_LIMIT_MS = 1000;
/** Dumps come in datagrams of up to 32 KiB. */
const DUMP_BYTES = 64 * 1024;
const MAX_RESTARTS = 20;

/** What to dump, and how to read it. */
export interface Table<T> {
  /** RTM_GET... and the RTM_NEW... that answers it. */
  get: number;
  answer: number;
  /** One entry that the body names, not all of them. */
  single?: true;
  /** For the error, after "cannot". */
  tried: string;
  /** The family header and attributes of the request. */
  body(b: MessageBuilder): void;
  /** One answer, in [start, end) with its header; null = left out. */
  decode(bytes: Uint8Array, start: number, end: number): T | null;
}

/** Runs dumps on a socket that nothing else reads meanwhile. */
export class RouteDump {
  readonly #fd: number;
  readonly #nextSequence: () => number;
  readonly #request = new Memory(256);
  readonly #answer = new Memory(DUMP_BYTES);

  constructor(fd: number, nextSequence: () => number) {
    this.#fd = fd;
    this.#nextSequence = nextSequence;
  }

  /** All entries. One that changes meanwhile is read again, 20 times at most. Throws SyscallError. */
  read<T>(table: Table<T>): T[] {
    for (let restarts = 0;; restarts++) {
      const result: T[] = [];
      const outcome = this.#once(table, result);
      if (outcome === "whole") return result;
      if (restarts < MAX_RESTARTS) continue;
      // A table that never stands still: what was read is all there is to have.
      if (outcome === "changed") return result;
      throw new SyscallError({ call: "recv", errno: ERRNO.ENOBUFS, tried: table.tried });
    }
  }

  /** One dump. "changed": the table changed meanwhile; "lost": a part is missing. */
  #once<T>(table: Table<T>, result: T[]): "whole" | "changed" | "lost" {
    const { view, bytes } = this.#answer;
    this.#discard();
    const sequence = this.#ask(table);
    let whole = true;
    let done = false;
    let errno = 0;
    while (!done) {
      const n = this.#receive(table.tried);
      if (n < 0) return "lost";
      eachMessage(view, 0, n, (start, end) => {
        if (messageSequence(view, start) !== sequence) return;
        if ((messageFlags(view, start) & NETLINK.NLM_F_DUMP_INTR) !== 0) whole = false;
        const type = messageType(view, start);
        if (type === NETLINK.NLMSG_DONE || type === NETLINK.NLMSG_ERROR) {
          done = true;
          if (end - start >= NLMSGHDR.size + 4) errno = -view.getInt32(start + NLMSGHDR.size, true);
        } else if (type === table.answer) {
          const item = table.decode(bytes, start, end);
          if (item !== null) result.push(item);
        }
      });
    }
    if (errno !== 0) throw new SyscallError({ call: "netlink", errno, tried: table.tried });
    return whole ? "whole" : "changed";
  }

  /** Sends the request; returns its sequence number. */
  #ask<T>(table: Table<T>): number {
    const builder = new MessageBuilder(this.#request);
    // The acknowledgement of a single one ends it as NLMSG_DONE ends a dump.
    const extent = table.single === true ? NETLINK.NLM_F_ACK : NETLINK.NLM_F_DUMP;
    builder.begin(table.get, NETLINK.NLM_F_REQUEST | extent);
    table.body(builder);
    const end = builder.end();
    const sequence = this.#nextSequence();
    this.#request.view.setUint32(NLMSGHDR.at.nlmsg_seq, sequence, true);
    for (;;) {
      const address = pointer(this.#request.address);
      if (Number(libc.send(this.#fd, address, end, SOCKET.MSG_DONTWAIT)) >= 0) return sequence;
      const errno = lastErrno();
      if (errno !== ERRNO.EINTR) throw new SyscallError({ call: "send", errno, tried: table.tried });
    }
  }

  /** One datagram: its length, or -1 if a part of the dump was lost. */
  #receive(tried: string): number {
    for (;;) {
      const flags = SOCKET.MSG_DONTWAIT | SOCKET.MSG_TRUNC;
      const n = Number(libc.recv(this.#fd, pointer(this.#answer.address), DUMP_BYTES, flags));
      if (n > DUMP_BYTES) throw new SyscallError({ call: "recv", errno: ERRNO.EMSGSIZE, tried });
      if (n >= 0) return n;
      const errno = lastErrno();
      if (errno === ERRNO.ENOBUFS) return -1;
      if (errno === ERRNO.EINTR) continue;
      if (errno !== ERRNO.EAGAIN) throw new SyscallError({ call: "recv", errno, tried });
      if (!waitReadable(this.#fd, TIME_LIMIT_MS)) {
        throw new SyscallError({ call: "recv", errno: ERRNO.ETIMEDOUT, tried, advice: "try again" });
      }
    }
  }

  /** Throws away what an earlier dump left behind: the kernel runs one at a time. */
  #discard(): void {
    for (;;) {
      const n = Number(libc.recv(this.#fd, pointer(this.#answer.address), DUMP_BYTES, SOCKET.MSG_DONTWAIT));
      if (n >= 0) continue;
      const errno = lastErrno();
      if (errno !== ERRNO.EINTR && errno !== ERRNO.ENOBUFS) return;
    }
  }
}
