// Where a packet of a SendBatch goes: sockaddr and control data, built once.
import { IN, IN6, SOCKET } from "./constants.ts";
import { CMSGHDR, IN6_PKTINFO, IN_PKTINFO, SOCKADDR_IN, SOCKADDR_IN6, SOCKADDR_LL } from "./layout.ts";
import { Memory } from "./memory.ts";
import type { Family } from "./socket.ts";

/** Names and control data start at multiples of 8. */
const CONTROL_AT = 32;

/** A destination. Keep it referenced as long as a batch may use its addresses. */
export class Target {
  readonly nameAddress: number;
  readonly nameBytes: number;
  readonly controlAddress: number;
  readonly controlBytes: number;
  readonly memory: Memory;

  private constructor(memory: Memory, nameBytes: number, controlBytes: number) {
    this.memory = memory;
    this.nameAddress = memory.address;
    this.nameBytes = nameBytes;
    this.controlAddress = controlBytes > 0 ? memory.address + CONTROL_AT : 0;
    this.controlBytes = controlBytes;
  }

  /**
   * A multicast group or a host, out of the interface `ifindex` (0: as the routing table says). The source
   * address is that of the packet's own header.
   */
  static ip(family: Family, destination: Uint8Array, ifindex: number): Target {
    const memory = new Memory(CONTROL_AT + 40);
    const { bytes, view } = memory;
    if (family === "ipv4") {
      view.setUint16(SOCKADDR_IN.at.sin_family, SOCKET.AF_INET, true);
      bytes.set(destination.subarray(0, 4), SOCKADDR_IN.at.sin_addr);
      const controlBytes = control(view, IN.IPPROTO_IP, IN.IP_PKTINFO, IN_PKTINFO.size);
      view.setInt32(CONTROL_AT + CMSGHDR.size + IN_PKTINFO.at.ipi_ifindex, ifindex, true);
      return new Target(memory, SOCKADDR_IN.size, controlBytes);
    }
    view.setUint16(SOCKADDR_IN6.at.sin6_family, SOCKET.AF_INET6, true);
    bytes.set(destination.subarray(0, 16), SOCKADDR_IN6.at.sin6_addr);
    view.setUint32(SOCKADDR_IN6.at.sin6_scope_id, ifindex, true);
    const controlBytes = control(view, IN.IPPROTO_IPV6, IN6.IPV6_PKTINFO, IN6_PKTINFO.size);
    view.setInt32(CONTROL_AT + CMSGHDR.size + IN6_PKTINFO.at.ipi6_ifindex, ifindex, true);
    return new Target(memory, SOCKADDR_IN6.size, controlBytes);
  }

  /** The wire of an interface, for frames that carry their own Ethernet header. */
  static frame(ifindex: number): Target {
    const memory = new Memory(CONTROL_AT);
    memory.view.setUint16(SOCKADDR_LL.at.sll_family, SOCKET.AF_PACKET, true);
    memory.view.setInt32(SOCKADDR_LL.at.sll_ifindex, ifindex, true);
    return new Target(memory, SOCKADDR_LL.size, 0);
  }
}

/** Writes a cmsghdr for `dataBytes` bytes; returns CMSG_SPACE. */
function control(view: DataView, level: number, type: number, dataBytes: number): number {
  view.setUint32(CONTROL_AT + CMSGHDR.at.cmsg_len, CMSGHDR.size + dataBytes, true);
  view.setUint32(CONTROL_AT + CMSGHDR.at.cmsg_level, level, true);
  view.setUint32(CONTROL_AT + CMSGHDR.at.cmsg_type, type, true);
  return CMSGHDR.size + ((dataBytes + 7) & ~7);
}
