// The demo's network: a switch (bridge), two routers and a client, each in a private network namespace that
// lives as long as its descriptor.
import { IF, RTNETLINK } from "../../../native/constants.ts";
import { closeDescriptor } from "../../../native/descriptor.ts";
import { SyscallError } from "../../../native/errno.ts";
import { enterNamespace, newNamespace, openNamespace } from "../../../native/namespace.ts";
import { Memory } from "../../../native/memory.ts";
import { FOREVER, writeAddAddress } from "../../../native/netlink/address.ts";
import { RouteClient } from "../../../native/netlink/client.ts";
import { buildBridge, buildLinkChange, buildVeth, type LinkInfo } from "../../../native/netlink/link.ts";
import { parseAddress } from "../../vrrp/address.ts";

/** The interface of each machine. */
export const INTERFACE = "eth0";
export const PREFIX_LENGTH = 24;

const BRIDGE = "switch";

/** A machine of the demo: its namespace, and commands for it. */
class Machine {
  readonly namespace: number;
  readonly route: RouteClient;

  /** Throws SyscallError. The calling thread is in the original namespace again afterwards. */
  constructor(home: number) {
    let namespace = -1;
    try {
      newNamespace();
      namespace = openNamespace();
      this.route = new RouteClient();
      this.namespace = namespace;
    } catch (error) {
      closeDescriptor(namespace);
      throw error;
    } finally {
      enterNamespace(home);
    }
  }

  link(name: string): LinkInfo {
    const found = this.route.links().find((link) => link.name === name);
    if (found === undefined) throw new Error(`the interface ${name} of the demo has vanished: run it again`);
    return found;
  }

  set(name: string, change: { up?: boolean; masterIfindex?: number }): void {
    const { ifindex } = this.link(name);
    this.route.request((b) => buildLinkChange(b, ifindex, change), `set up the interface ${name}`);
  }

  close(): void {
    this.route.close();
    closeDescriptor(this.namespace);
  }
}

/** Machines by the name of their cable's end at the switch. */
export type MachineName = "router-a" | "router-b" | "client";

/** The whole network. Dispose of it after everything that runs in it has ended. */
export class Network implements Disposable {
  readonly #home: number;
  readonly #machines: Machine[] = [];
  readonly #switch: Machine;
  readonly #named = new Map<MachineName, Machine>();

  /** `addresses`: the IPv4 address of each machine. Throws SyscallError. */
  constructor(addresses: Record<MachineName, string>) {
    this.#home = openNamespace();
    try {
      this.#switch = this.#machine();
      this.#switch.route.request((b) => buildBridge(b, BRIDGE), "create a bridge");
      this.#switch.set(BRIDGE, { up: true });
      for (const [name, address] of Object.entries(addresses) as [MachineName, string][]) {
        this.#named.set(name, this.#connect(name, address));
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  #machine(): Machine {
    const machine = new Machine(this.#home);
    this.#machines.push(machine);
    return machine;
  }

  #connect(port: MachineName, address: string): Machine {
    const machine = this.#machine();
    const { route, namespace } = machine;
    this.#switch.route.request(
      (b) => buildVeth(b, { name: port }, { name: INTERFACE, namespaceFd: namespace }),
      "create a veth pair",
    );
    this.#switch.set(port, { masterIfindex: this.#switch.link(BRIDGE).ifindex });
    this.#switch.set(port, { up: true });
    machine.set("lo", { up: true });
    machine.set(INTERFACE, { up: true });
    addAddress(route, machine.link(INTERFACE).ifindex, address);
    return machine;
  }

  #get(name: MachineName): Machine {
    const machine = this.#named.get(name);
    if (machine === undefined) throw new Error(`there is no machine ${name} in the demo`);
    return machine;
  }

  /** Runs `work`, which must not wait, with the calling thread in the machine's namespace. */
  inside<T>(name: MachineName, work: () => T): T {
    enterNamespace(this.#get(name).namespace);
    try {
      return work();
    } finally {
      enterNamespace(this.#home);
    }
  }

  /** Pulls the machine's cable out of the switch, or plugs it in. */
  plug(name: MachineName, plugged: boolean): void {
    this.#switch.set(name, { up: plugged });
  }

  /** Whether the machine's interface has a carrier. */
  plugged(name: MachineName): boolean {
    return (this.#get(name).link(INTERFACE).flags & IF.IFF_RUNNING) !== 0;
  }

  /** Seconds for which the machine's kernel will keep the address; null if it does not have it. */
  lifetimeS(name: MachineName, address: string): number | null {
    const bytes = ipv4(address);
    const found = this.#get(name).route.addresses().find(({ family, address: own }) =>
      family === "ipv4" && own.every((byte, i) => byte === bytes[i])
    );
    return found?.validS ?? null;
  }

  [Symbol.dispose](): void {
    for (const machine of this.#machines.splice(0)) machine.close();
    closeDescriptor(this.#home);
  }
}

function ipv4(text: string): Uint8Array {
  return parseAddress(text) ?? Uint8Array.of(0, 0, 0, 0);
}

function addAddress(route: RouteClient, ifindex: number, address: string): void {
  const memory = new Memory(256);
  const results = new Int32Array(1);
  const end = writeAddAddress(memory, 0, {
    family: "ipv4",
    ifindex,
    address: ipv4(address),
    prefixLength: PREFIX_LENGTH,
    scope: RTNETLINK.RT_SCOPE_UNIVERSE,
    broadcast: null,
    label: null,
    protocol: 0,
    noDad: false,
    preferredS: FOREVER,
    validS: FOREVER,
  }, "exclusive");
  const sent = route.transact(memory, 0, end, results);
  const errno = sent < 0 ? -sent : -(results[0] ?? 0);
  if (errno === 0) return;
  throw new SyscallError({
    call: "netlink",
    errno,
    tried: `add the address ${address}`,
    detail: route.errorText(0),
  });
}
