// A socket for nf_tables: batches that the kernel takes as a whole or not at all.
import { NETLINK } from "../constants.ts";
import { closeDescriptor, waitReadable } from "../descriptor.ts";
import { ERRNO } from "../errno.ts";
import { NLMSGHDR } from "../layout.ts";
import type { Memory } from "../memory.ts";
import { ReceiveBatch } from "../receive.ts";
import {
  align,
  findAnswerText,
  isAnswer,
  messageFlags,
  messageLength,
  messageSequence,
  payloadText,
} from "./message.ts";
import { openCommandSocket, sendMessages } from "./socket.ts";

/** The kernel answers within the system call; this is for a kernel that does not. */
const TIME_LIMIT_MS = 1000;
/** One batch with thousands of elements, and its answers. */
const BUFFER_BYTES = 1024 * 1024;

/** How a batch ended. */
export interface BatchResult {
  /** 0 = done; -errno: nothing of it was. -ENOBUFS: its answer was lost, -ETIMEDOUT: none came. */
  result: number;
  /** The message that was refused, from 0 (the batch's beginning); 0 as well where the kernel refuses it all. */
  message: number;
  /** The kernel's sentence, "" if it gave none. */
  text: string;
}

/** A socket for nf_tables of the network namespace in which it was made. Tables that it owns go with it. */
export class NetfilterClient {
  readonly fd: number;
  #sequence = 0;
  readonly #answers = new ReceiveBatch(16, 2048);

  /** Throws SyscallError: EPROTONOSUPPORT where the kernel has no nfnetlink. */
  constructor() {
    this.fd = openCommandSocket(NETLINK.NETLINK_NETFILTER, BUFFER_BYTES).fd;
  }

  /**
   * Sends the batch that lies in [0, end) of the memory: its beginning, messages of which the last asks for an
   * answer (NLM_F_ACK), its end. -EINVAL when the bytes are no whole messages.
   */
  send(memory: Memory, end: number): BatchResult {
    const { view } = memory;
    const base = (this.#sequence + 1) >>> 0;
    let count = 0;
    let asking = -1;
    for (let at = 0; at < end;) {
      const length = messageLength(view, at, end);
      if (length === 0) return { result: -ERRNO.EINVAL, message: count, text: "" };
      view.setUint32(at + NLMSGHDR.at.nlmsg_seq, (base + count) >>> 0, true);
      if ((messageFlags(view, at) & NETLINK.NLM_F_ACK) !== 0) asking = count;
      count++;
      at += align(length);
    }
    if (asking < 0) return { result: -ERRNO.EINVAL, message: 0, text: "" };
    this.#sequence = (this.#sequence + count) >>> 0;
    const sent = sendMessages(this.fd, memory, 0, end);
    if (sent < 0) return { result: sent, message: 0, text: "" };
    return this.#collect(base, count, asking);
  }

  /** Reads until the last message that asks is answered, or the batch as a whole is refused. */
  #collect(base: number, count: number, asking: number): BatchResult {
    let found: BatchResult | null = null;
    let complete = false;
    while (!complete) {
      const n = this.#answers.receive(this.fd);
      if (n < 0) return found ?? { result: n, message: 0, text: "" };
      // What the kernel has to say to a batch it says before the system call returns.
      if (n === 0 && (found !== null || !waitReadable(this.fd, TIME_LIMIT_MS))) break;
      for (let i = 0; i < n; i++) {
        this.#eachAnswer(i, (at, end) => {
          const index = (messageSequence(this.#answers.memory.view, at) - base) >>> 0;
          if (index >= count) return;
          const result = this.#answers.memory.view.getInt32(at + NLMSGHDR.size, true);
          if (result < 0 && found === null) {
            found = {
              result,
              message: index,
              text: acknowledgementText(this.#answers.memory.bytes, at, end),
            };
          }
          if (index === asking || (index === 0 && result < 0)) complete = true;
        });
      }
    }
    return found ?? { result: complete ? 0 : -ERRNO.ETIMEDOUT, message: 0, text: "" };
  }

  /** Calls `visit` for each answer of a datagram. */
  #eachAnswer(i: number, visit: (at: number, end: number) => void): void {
    const { view } = this.#answers.memory;
    const end = this.#answers.start(i) + this.#answers.length(i);
    for (let at = this.#answers.start(i);;) {
      const length = messageLength(view, at, end);
      if (length === 0) return;
      if (isAnswer(view, at, length)) visit(at, at + length);
      at += align(length);
    }
  }

  /** Closes the socket; the kernel takes away the tables that it owns. */
  close(): void {
    closeDescriptor(this.fd);
  }
}

/** The kernel's sentence of the error (NLMSG_ERROR, whole) that lies in [at, end), "" if it gives none. */
export function acknowledgementText(bytes: Uint8Array, at: number, end: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = findAnswerText(view, at, end);
  return found < 0 ? "" : payloadText(bytes, found + 4, found + view.getUint16(found, true));
}
