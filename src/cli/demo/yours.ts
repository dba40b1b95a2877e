// The last words of the demo: how to do the same on the reader's own interface.
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

/** An interface of the reader, and an address in its network that may be free. */
export interface Suggestion {
  interface: string;
  /** With prefix length. */
  address: string;
}

const FALLBACK: Suggestion = { interface: "eth0", address: "192.0.2.1/24" };
/** Names of interfaces that programs make: a person's own interface is rather one of the others. */
const MADE_BY_PROGRAMS = /^(docker|br-|veth|virbr|cni|flannel|cali|tun|tap|wg|lxc|lxd|podman|tailscale)/;

/** The first interface that is up and has an IPv4 address; eth0 if there is none. */
export function suggest(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): Suggestion {
  const candidates = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap(({ family, internal, cidr }) => {
      const address = family === "IPv4" && !internal && cidr !== null ? lastButSome(cidr) : null;
      return address === null ? [] : [{ interface: name, address }];
    })
  );
  return candidates.find((c) => !MADE_BY_PROGRAMS.test(c.interface)) ?? candidates[0] ?? FALLBACK;
}

/** An address near the end of the network of `cidr`, other than that of `cidr`; null without room for one. */
function lastButSome(cidr: string): string | null {
  const [address = "", bits = ""] = cidr.split("/");
  const prefixLength = Number(bits);
  if (!(prefixLength >= 8 && prefixLength <= 29)) return null;
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefixLength);
  const end = number - number % size + size; // the address behind the network
  const offset = Math.min(6, size - 2);
  const chosen = end - offset === number ? end - offset + 1 : end - offset;
  const text = [24, 16, 8, 0].map((shift) => Math.floor(chosen / 2 ** shift) % 256).join(".");
  return `${text}/${prefixLength}`;
}

/** A whole keepalived.conf. */
export function configurationFor(suggestion: Suggestion): string {
  return `vrrp_instance VI_1 {
    interface ${suggestion.interface}
    virtual_router_id 51    # 1..255, choose one that nobody else uses on this network
    version 3
    priority 150            # 100 on the second machine
    advert_int 0.1
    virtual_ipaddress {
        ${suggestion.address}    # choose an unused address of this network
    }
}
`;
}

/** How to go on, with the reader's own interface. */
export function yours(): string {
  return `
On your own interface: save this as baton.conf on two machines

${configurationFor(suggest()).trimEnd().replace(/^/gm, "    ")}

and then, on both:

    baton check baton.conf          what is wrong with it, if anything
    sudo baton run -f baton.conf    the daemon, in the foreground; Ctrl-C stops it
    sudo baton status               who is master, why, and which addresses it holds`;
}
