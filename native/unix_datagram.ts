// Datagrams to a UNIX socket that somebody else has bound: the system log, the service manager.
import { SOCKET } from "./constants.ts";
import { closeDescriptor } from "./descriptor.ts";
import { ERRNO, lastErrno, SyscallError } from "./errno.ts";
import { SOCKADDR_UN } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";

/**
 * A socket that sends to one address. `path` is a path of at most 107 bytes, or `@` and a name in the
 * abstract namespace, which stands for a NUL byte and that name (unix(7)).
 */
export class UnixDatagram {
  readonly #fd: number;
  readonly #name: Memory;
  readonly #nameBytes: number;
  #memory: Memory;

  /** Throws SyscallError; `tried` is what its sentence says. */
  constructor(path: string, tried: string) {
    const bytes = new TextEncoder().encode(path);
    const room = SOCKADDR_UN.bytes.sun_path - 1;
    if (bytes.length === 0 || bytes.length > room) {
      throw new SyscallError({
        call: "sendto",
        errno: ERRNO.EINVAL,
        tried,
        advice: `name a path of 1 to ${room} bytes`,
      });
    }
    const abstract = bytes[0] === 0x40;
    const at = SOCKADDR_UN.at.sun_path;
    // The name of an abstract address ends with its last byte, a path with a NUL byte.
    this.#nameBytes = at + bytes.length + (abstract ? 0 : 1);
    this.#name = new Memory(SOCKADDR_UN.size);
    this.#name.view.setUint16(SOCKADDR_UN.at.sun_family, SOCKET.AF_UNIX, true);
    this.#name.bytes.set(bytes, at);
    if (abstract) this.#name.bytes[at] = 0;
    this.#memory = new Memory(512);
    this.#fd = libc.socket(SOCKET.AF_UNIX, SOCKET.SOCK_DGRAM | SOCKET.SOCK_CLOEXEC, 0);
    if (this.#fd < 0) throw new SyscallError({ call: "socket", errno: lastErrno(), tried });
  }

  /** Sends one datagram, never waits. Returns 0, or -errno: the receiver is gone, or its queue is full (EAGAIN). */
  send(text: Uint8Array): number {
    if (text.length > this.#memory.bytes.length) this.#memory = new Memory(text.length);
    this.#memory.bytes.set(text);
    for (;;) {
      const sent = Number(libc.sendto(
        this.#fd,
        pointer(this.#memory.address),
        text.length,
        SOCKET.MSG_DONTWAIT,
        pointer(this.#name.address),
        this.#nameBytes,
      ));
      if (sent >= 0) return 0;
      const errno = lastErrno();
      if (errno !== ERRNO.EINTR) return -errno;
    }
  }

  close(): void {
    closeDescriptor(this.#fd);
  }
}
