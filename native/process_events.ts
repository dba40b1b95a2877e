// The kernel's process connector: which processes begin, become another program, and end.
//
// It exists in the first network and process namespaces only, and wants CAP_NET_ADMIN.
import { CN_PROC, CONNECTOR, NETLINK, SOCKET } from "./constants.ts";
import { closeDescriptor } from "./descriptor.ts";
import { ERRNO, lastErrno, SyscallError } from "./errno.ts";
import { CN_MSG, NLMSGHDR, PROC_EVENT, SOCKADDR_NL } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";
import { openSocket, setRequestedBuffer } from "./option.ts";
import { onReadable } from "./readable.ts";

const RECEIVE_BUFFER_BYTES = 1_048_576;

/** Who is told. Numbers of processes, not of threads. */
export interface ProcessHandler {
  /** A copy of another one has begun. */
  forked(parent: number, child: number): void;
  /** It runs another program now, or has changed its name. */
  renamed(pid: number): void;
  ended(pid: number): void;
  /** Events were lost: everything has to be looked at again. */
  overrun(): void;
  /** Everything that was waiting has been told. */
  settled(): void;
}

/** Follows the processes of this machine. */
export class ProcessEvents {
  readonly #fd: number;
  readonly #end: () => void;
  readonly #memory = new Memory(16_384);
  readonly #handler: ProcessHandler;

  /** `buffer`: receive buffer; null = 1 MiB. Throws SyscallError where there is no process connector (ECONNREFUSED in another network namespace). */
  constructor(handler: ProcessHandler, buffer: { bytes: number; force: boolean } | null = null) {
    this.#handler = handler;
    this.#fd = openSocket(
      SOCKET.AF_NETLINK,
      SOCKET.SOCK_DGRAM,
      NETLINK.NETLINK_CONNECTOR,
      "follow processes",
    );
    try {
      this.#subscribe();
      setRequestedBuffer(this.#fd, buffer ?? { bytes: RECEIVE_BUFFER_BYTES, force: true });
      this.#end = onReadable(this.#fd, () => this.#read());
    } catch (error) {
      closeDescriptor(this.#fd);
      throw error;
    }
  }

  close(): void {
    this.#end();
    closeDescriptor(this.#fd);
  }

  #subscribe(): void {
    const name = new Memory(SOCKADDR_NL.size);
    name.view.setUint16(SOCKADDR_NL.at.nl_family, SOCKET.AF_NETLINK, true);
    name.view.setUint32(SOCKADDR_NL.at.nl_groups, CONNECTOR.CN_IDX_PROC, true);
    if (libc.bind(this.#fd, pointer(name.address), SOCKADDR_NL.size) < 0) this.#fail("bind");
    const operationBytes = 4;
    const message = new Memory(NLMSGHDR.size + CN_MSG.size + operationBytes);
    const { view } = message;
    view.setUint32(NLMSGHDR.at.nlmsg_len, message.bytes.length, true);
    view.setUint16(NLMSGHDR.at.nlmsg_type, NETLINK.NLMSG_DONE, true);
    // struct cb_id: idx, then val.
    view.setUint32(NLMSGHDR.size + CN_MSG.at.id, CONNECTOR.CN_IDX_PROC, true);
    view.setUint32(NLMSGHDR.size + CN_MSG.at.id + 4, CONNECTOR.CN_VAL_PROC, true);
    view.setUint16(NLMSGHDR.size + CN_MSG.at.len, operationBytes, true);
    view.setUint32(NLMSGHDR.size + CN_MSG.size, CN_PROC.PROC_CN_MCAST_LISTEN, true);
    if (Number(libc.send(this.#fd, pointer(message.address), message.bytes.length, 0)) < 0) {
      this.#fail("send");
    }
  }

  #fail(call: string): never {
    throw new SyscallError({ call, errno: lastErrno(), tried: "follow processes" });
  }

  #read(): void {
    const { bytes } = this.#memory;
    for (;;) {
      const length = Number(libc.recv(this.#fd, pointer(this.#memory.address), bytes.length, 0));
      if (length > 0) this.#event(length);
      else if (length === 0) break;
      else {
        const errno = lastErrno();
        if (errno === ERRNO.ENOBUFS) this.#handler.overrun();
        else if (errno !== ERRNO.EINTR) break;
      }
    }
    this.#handler.settled();
  }

  /** One datagram is one event. */
  #event(length: number): void {
    const { view } = this.#memory;
    const start = NLMSGHDR.size + CN_MSG.size;
    const data = start + PROC_EVENT.at.event_data;
    if (length < data + 16) return;
    // In each kind of event the ids come first: pid and tgid, twice for a fork.
    const [pid, group] = [view.getInt32(data, true), view.getInt32(data + 4, true)];
    switch (view.getUint32(start + PROC_EVENT.at.what, true)) {
      case CN_PROC.PROC_EVENT_FORK: {
        const [child, childGroup] = [view.getInt32(data + 8, true), view.getInt32(data + 12, true)];
        if (child === childGroup) this.#handler.forked(group, child);
        break;
      }
      case CN_PROC.PROC_EVENT_EXEC:
      case CN_PROC.PROC_EVENT_COMM:
        if (pid === group) this.#handler.renamed(pid);
        break;
      case CN_PROC.PROC_EVENT_EXIT:
        if (pid === group) this.#handler.ended(pid);
        break;
    }
  }
}
