// Netlink sockets, in the network namespace of the calling thread.
import { NETLINK, SOCKET } from "../constants.ts";
import { closeDescriptor } from "../descriptor.ts";
import { ERRNO, lastErrno, SyscallError } from "../errno.ts";
import { SOCKADDR_NL } from "../layout.ts";
import { libc } from "../libc.ts";
import { Memory, pointer } from "../memory.ts";
import { openSocket, setOption, setReceiveBuffer, setSendBuffer } from "../option.ts";

/** Opens a NETLINK_ROUTE socket and binds it to a port of its own. Throws SyscallError. */
export function openRouteSocket(): { fd: number; portId: number } {
  return openNetlinkSocket(NETLINK.NETLINK_ROUTE);
}

/** Opens a netlink socket of that protocol (NETLINK_*) and binds it to a port of its own. Throws SyscallError. */
function openNetlinkSocket(protocol: number): { fd: number; portId: number } {
  const fd = openSocket(SOCKET.AF_NETLINK, SOCKET.SOCK_RAW, protocol, "open a netlink socket");
  const name = new Memory(SOCKADDR_NL.size);
  const length = new Memory(4);
  name.view.setUint16(SOCKADDR_NL.at.nl_family, SOCKET.AF_NETLINK, true);
  length.view.setUint32(0, SOCKADDR_NL.size, true);
  if (libc.bind(fd, pointer(name.address), SOCKADDR_NL.size) < 0) {
    const errno = lastErrno();
    closeDescriptor(fd);
    throw new SyscallError({ call: "bind", errno, tried: "bind a netlink socket" });
  }
  if (libc.getsockname(fd, pointer(name.address), pointer(length.address)) < 0) {
    const errno = lastErrno();
    closeDescriptor(fd);
    throw new SyscallError({ call: "getsockname", errno, tried: "learn the port of a netlink socket" });
  }
  return { fd, portId: name.view.getUint32(SOCKADDR_NL.at.nl_pid, true) };
}

/**
 * A netlink socket for commands, whose answers are as short and clear as the kernel can make them; `bufferBytes` for
 * what waits in each direction. Throws SyscallError.
 */
export function openCommandSocket(protocol: number, bufferBytes: number): { fd: number; portId: number } {
  const opened = openNetlinkSocket(protocol);
  // Old kernels lack them.
  setOption(opened.fd, SOCKET.SOL_NETLINK, NETLINK.NETLINK_CAP_ACK, 1);
  setOption(opened.fd, SOCKET.SOL_NETLINK, NETLINK.NETLINK_EXT_ACK, 1);
  setReceiveBuffer(opened.fd, bufferBytes);
  setSendBuffer(opened.fd, bufferBytes);
  return opened;
}

/** Hands the messages of [start, end) to the kernel in one call. Returns 0 or -errno. Allocates nothing. */
export function sendMessages(fd: number, memory: Memory, start: number, end: number): number {
  for (;;) {
    const address = pointer(memory.address + start);
    if (Number(libc.send(fd, address, end - start, SOCKET.MSG_DONTWAIT)) >= 0) return 0;
    const errno = lastErrno();
    if (errno !== ERRNO.EINTR) return -errno;
  }
}
