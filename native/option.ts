// Socket options and the opening of sockets, for the files that make sockets.
import { SOCKET } from "./constants.ts";
import { lastErrno, SyscallError } from "./errno.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";

const value = new Memory(4);

/** A new socket, nonblocking and closed on exec. `tried` is for the error. Throws SyscallError. */
export function openSocket(domain: number, type: number, protocol: number, tried: string): number {
  const fd = libc.socket(domain, type | SOCKET.SOCK_CLOEXEC | SOCKET.SOCK_NONBLOCK, protocol);
  if (fd < 0) throw new SyscallError({ call: "socket", errno: lastErrno(), tried });
  return fd;
}

/** Sets an option of type int. Returns 0 or the errno. */
export function setOption(fd: number, level: number, option: number, number: number): number {
  value.view.setInt32(0, number, true);
  return libc.setsockopt(fd, level, option, pointer(value.address), 4) < 0 ? lastErrno() : 0;
}

/** Sets an option whose value is a struct. Returns 0 or the errno. */
export function setOptionMemory(fd: number, level: number, option: number, memory: Memory): number {
  const length = memory.bytes.length;
  return libc.setsockopt(fd, level, option, pointer(memory.address), length) < 0 ? lastErrno() : 0;
}

/** Sets an option of type int that must be there. Throws SyscallError; the socket stays open. */
export function requireOption(
  fd: number,
  level: number,
  option: number,
  number: number,
  tried: string,
): void {
  const errno = setOption(fd, level, option, number);
  if (errno !== 0) throw new SyscallError({ call: "setsockopt", errno, tried });
}

/** Receive buffer: beyond net.core.rmem_max where CAP_NET_ADMIN allows it, up to that otherwise. */
export function setReceiveBuffer(fd: number, bufferBytes: number): void {
  if (setOption(fd, SOCKET.SOL_SOCKET, SOCKET.SO_RCVBUFFORCE, bufferBytes) !== 0) {
    setOption(fd, SOCKET.SOL_SOCKET, SOCKET.SO_RCVBUF, bufferBytes);
  }
}

/** Receive buffer as somebody has asked for it: beyond net.core.rmem_max only with `force`, where it is allowed. */
export function setRequestedBuffer(fd: number, { bytes, force }: { bytes: number; force: boolean }): void {
  if (force) setReceiveBuffer(fd, bytes);
  else setOption(fd, SOCKET.SOL_SOCKET, SOCKET.SO_RCVBUF, bytes);
}

/** Send buffer: beyond net.core.wmem_max where CAP_NET_ADMIN allows it, up to that otherwise. */
export function setSendBuffer(fd: number, bufferBytes: number): void {
  if (setOption(fd, SOCKET.SOL_SOCKET, SOCKET.SO_SNDBUFFORCE, bufferBytes) !== 0) {
    setOption(fd, SOCKET.SOL_SOCKET, SOCKET.SO_SNDBUF, bufferBytes);
  }
}
