// Whether an interface has a link, asked of its driver in one of three ways.
import { ETHTOOL, IF, MII, SOCKET, SOCKIOS } from "./constants.ts";
import { closeDescriptor } from "./descriptor.ts";
import { ETHTOOL_VALUE, IFREQ, MII_IOCTL_DATA } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer, writePointer } from "./memory.ts";
import { openSocket } from "./option.ts";

/** The PHY's status register, the driver's own word (ETHTOOL_GLINK), or the flags of the interface. */
export type LinkbeatMethod = "MII" | "ETHTOOL" | "IOCTL";

/** Asks drivers. A driver may take its time: nothing for a thread that must not wait. */
export class LinkProbe {
  readonly #fd: number;
  readonly #request = new Memory(IFREQ.size);
  readonly #value = new Memory(ETHTOOL_VALUE.size);

  /** Throws SyscallError. */
  constructor() {
    this.#fd = openSocket(
      SOCKET.AF_INET,
      SOCKET.SOCK_DGRAM,
      0,
      "open a socket to ask for the state of links",
    );
  }

  /** Whether the interface has a link; null: there is no such interface, or it cannot be asked this way. */
  ask(interfaceName: string, method: LinkbeatMethod): boolean | null {
    const { bytes, view } = this.#request;
    bytes.fill(0);
    bytes.set(new TextEncoder().encode(interfaceName).subarray(0, IF.IFNAMSIZ - 1));
    const data = IFREQ.at.ifr_ifru;
    if (method === "IOCTL") {
      if (!this.#call(SOCKIOS.SIOCGIFFLAGS)) return null;
      return (view.getInt16(data, true) & IF.IFF_RUNNING) !== 0;
    }
    if (method === "ETHTOOL") {
      this.#value.view.setUint32(ETHTOOL_VALUE.at.cmd, ETHTOOL.ETHTOOL_GLINK, true);
      writePointer(view, data, this.#value.address);
      if (!this.#call(SOCKIOS.SIOCETHTOOL)) return null;
      return this.#value.view.getUint32(ETHTOOL_VALUE.at.data, true) !== 0;
    }
    // The first call fills in which PHY is in use.
    if (!this.#call(SOCKIOS.SIOCGMIIPHY)) return null;
    view.setUint16(data + MII_IOCTL_DATA.at.reg_num, MII.MII_BMSR, true);
    if (!this.#call(SOCKIOS.SIOCGMIIREG)) return null;
    return (view.getUint16(data + MII_IOCTL_DATA.at.val_out, true) & MII.BMSR_LSTATUS) !== 0;
  }

  close(): void {
    closeDescriptor(this.#fd);
  }

  #call(request: number): boolean {
    return libc.ioctl(this.#fd, request, pointer(this.#request.address)) >= 0;
  }
}
