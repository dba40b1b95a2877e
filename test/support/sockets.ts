// Options of another process's sockets, read from a copy of their descriptors (pidfd_getfd, Linux 5.6).
import { dlopen } from "bun:ffi";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { SOCKET } from "../../native/constants.ts";
import { closeDescriptor } from "../../native/descriptor.ts";
import { libcName, systemCall } from "../../native/libc.ts";
import { Memory, pointer } from "../../native/memory.ts";

/** asm-generic/unistd.h; the same on x86-64 and aarch64. */
const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;
/** asm-generic/socket.h */
const SO_RCVBUF = 8;

const { symbols } = dlopen(libcName, {
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
});

/**
 * Receive buffers in bytes, as they were asked for, of a process's raw IPv4 sockets of an IP protocol. A socket that
 * is closed meanwhile is passed over.
 */
export function rawReceiveBuffers(pid: number, protocol: number): number[] {
  // A line of /proc/net/raw: slot, address:protocol in hexadecimal, ..., inode as the tenth field.
  const port = protocol.toString(16).toUpperCase().padStart(4, "0");
  const inodes = readFileSync(`/proc/${pid}/net/raw`, "utf8").split("\n").map((line) =>
    line.trim().split(/\s+/)
  )
    .filter((fields) => fields[1]?.endsWith(`:${port}`)).map((fields) => fields[9]);
  const fds = readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
    return inode !== undefined && inodes.includes(inode);
  });
  return fds.map((fd) => receiveBuffer(pid, Number(fd))).filter((each) => each !== null);
}

/** Where a link points; "" = it is there no more. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** Null: the descriptor is there no more. */
function receiveBuffer(pid: number, fd: number): number | null {
  const none = pointer(0);
  const process = systemCall(SYS_PIDFD_OPEN, pid, 0, none);
  const copy = systemCall(SYS_PIDFD_GETFD, process, fd, none);
  const value = new Memory(8);
  value.view.setUint32(4, 4, true);
  const failed = symbols.getsockopt(
    copy,
    SOCKET.SOL_SOCKET,
    SO_RCVBUF,
    pointer(value.address),
    pointer(value.address + 4),
  );
  for (const each of [copy, process]) if (each >= 0) closeDescriptor(each);
  if (copy < 0) return null;
  if (failed !== 0) throw new Error(`the receive buffer of descriptor ${fd} of ${pid} cannot be read`);
  // The kernel counts its own bookkeeping as well: twice what was asked for (socket(7)).
  return value.view.getInt32(0, true) / 2;
}
