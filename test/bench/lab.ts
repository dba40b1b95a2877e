// Network namespaces without names, joined by a cable or a switch: they vanish with the bench, however it ends.
import { closeDescriptor } from "../../native/descriptor.ts";
import { Memory } from "../../native/memory.ts";
import { enterNamespace, newNamespace, openNamespace } from "../../native/namespace.ts";
import { FOREVER, writeAddAddress, writeDeleteAddress } from "../../native/netlink/address.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import { buildBridge, buildLinkChange, buildVeth } from "../../native/netlink/link.ts";

/** The interface of every node. */
export const INTERFACE = "eth0";
/** The further interfaces that furtherInterfaces makes, from 1. */
export function interfaceName(n: number): string {
  return `eth${n}`;
}
export const PREFIX_LENGTH = 24;
/** The virtual address of every measurement. */
export const VIP = "10.99.0.100";

/** linux/if.h: IF_OPER_UP. */
const OPER_UP = 6;

/** One host. */
export interface Node {
  /** Descriptor of its network namespace. */
  namespace: number;
  ifindex: number;
  address: string;
  mac: Uint8Array;
}

/** Runs `work` with the calling thread, and what it spawns, in that namespace. */
export function inside<T>(namespace: number, work: () => T): T {
  const home = openNamespace();
  try {
    enterNamespace(namespace);
    return work();
  } finally {
    enterNamespace(home);
    closeDescriptor(home);
  }
}

function createNamespace(): number {
  const home = openNamespace();
  try {
    newNamespace();
    return openNamespace();
  } finally {
    enterNamespace(home);
    closeDescriptor(home);
  }
}

/** The bytes of a dotted IPv4 address. */
export function ipv4(text: string): Uint8Array {
  return Uint8Array.from(text.split("."), Number);
}

/** Labs that are ready, by their number of nodes. */
const ready = new Map<number, Lab[]>();
/** The kernel may take a second to call a new cable up: several are made at once. */
const MADE_AT_ONCE = 5;
const UP_LIMIT_MS = 5000;
const POLL_MS = 5;

/** Two nodes with a cable between them, or more on a bridge. */
export class Lab implements Disposable {
  readonly nodes: Node[] = [];
  readonly #namespaces: number[] = [];

  /** A fresh lab whose links are all up. Throws SyscallError; needs CAP_SYS_ADMIN and CAP_NET_ADMIN. */
  static async take(count: number): Promise<Lab> {
    let labs = ready.get(count) ?? [];
    if (labs.length === 0) {
      labs = Array.from({ length: MADE_AT_ONCE }, () => new Lab(count));
      for (const lab of labs) await lab.#allUp();
      ready.set(count, labs);
    }
    return labs.pop()!;
  }

  private constructor(count: number) {
    try {
      if (count === 2) this.#cable();
      else this.#switch(count);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  async #allUp(): Promise<void> {
    const end = performance.now() + UP_LIMIT_MS;
    for (const { namespace } of this.nodes) {
      while (!withClient(namespace, areUp)) {
        if (performance.now() > end) throw new Error("a cable of the lab did not come up");
        await Bun.sleep(POLL_MS);
      }
    }
  }

  /**
   * Further cables between the two nodes: `eth1`, `eth2`, ... up to `count` cables in all, each with an address of
   * its own. Returns the ends at both nodes, the first cable's among them. Throws when one does not come up.
   */
  async cables(count: number): Promise<[Node, Node][]> {
    const [a, b] = this.nodes as [Node, Node];
    const pairs: [Node, Node][] = [[a, b]];
    for (let n = 1; n < count; n++) {
      const name = `eth${n}`;
      const peer = { name, mac: macOf(2, n), namespaceFd: b.namespace };
      withClient(a.namespace, (c) => c.request((m) => buildVeth(m, { name, mac: macOf(1, n) }, peer)));
      pairs.push([host(a.namespace, 1, n), host(b.namespace, 2, n)]);
    }
    await this.#allUp();
    return pairs;
  }

  /** Pulls the cable of the node with that index out of the switch: the others hear silence, and nothing else. */
  unplug(index: number): void {
    withClient(this.#namespaces[0]!, (client) => {
      const port = client.links().find((link) => link.name === `port${index + 1}`);
      if (port === undefined) {
        throw new Error("only a lab with a switch has a cable that can be pulled alone");
      }
      client.request((m) => buildLinkChange(m, port.ifindex, { up: false }));
    });
  }

  #namespace(): number {
    const namespace = createNamespace();
    this.#namespaces.push(namespace);
    return namespace;
  }

  #cable(): void {
    const [a, b] = [this.#namespace(), this.#namespace()];
    withClient(
      a,
      (client) =>
        client.request((m) =>
          buildVeth(m, { name: INTERFACE, mac: macOf(1) }, { name: INTERFACE, mac: macOf(2), namespaceFd: b })
        ),
    );
    this.nodes.push(host(a, 1), host(b, 2));
  }

  #switch(count: number): void {
    const middle = this.#namespace();
    withClient(middle, (client) => {
      client.request((m) => buildBridge(m, "bridge"));
      const bridge = raise(client, "bridge");
      for (let n = 1; n <= count; n++) {
        const namespace = this.#namespace();
        const end = { name: INTERFACE, mac: macOf(n), namespaceFd: namespace };
        client.request((m) => buildVeth(m, { name: `port${n}` }, end));
        const port = raise(client, `port${n}`);
        client.request((m) => buildLinkChange(m, port, { masterIfindex: bridge }));
        this.nodes.push(host(namespace, n));
      }
    });
  }

  [Symbol.dispose](): void {
    for (const namespace of this.#namespaces.splice(0)) closeDescriptor(namespace);
  }
}

function macOf(n: number, cable = 0): Uint8Array {
  return Uint8Array.of(0x02, 0xba, 0x70, 0, cable, n);
}

/** Runs `work` with a netlink socket of that namespace. */
export function withClient<T>(namespace: number, work: (client: RouteClient) => T): T {
  const client = inside(namespace, () => new RouteClient());
  try {
    return work(client);
  } finally {
    client.close();
  }
}

function areUp(client: RouteClient): boolean {
  const cables = client.links().filter((link) => link.name.startsWith("eth"));
  return cables.length > 0 && cables.every((link) => link.operState === OPER_UP);
}

/** Brings a link up, without an IPv6 address: nothing but what is measured goes over the cable. */
function raise(client: RouteClient, name: string): number {
  const link = client.links().find((l) => l.name === name);
  if (link === undefined) throw new Error(`the link ${name} is not there: the bench has lost its lab`);
  client.request((m) => buildLinkChange(m, link.ifindex, { noIpv6Autoconf: true }));
  client.request((m) => buildLinkChange(m, link.ifindex, { up: true }));
  return link.ifindex;
}

function host(namespace: number, n: number, cable = 0): Node {
  const address = `10.${99 + cable}.0.${n}`;
  return withClient(namespace, (client) => {
    raise(client, "lo");
    const ifindex = raise(client, `eth${cable}`);
    changeAddress(client, ifindex, address, "add");
    return { namespace, ifindex, address, mac: macOf(n, cable) };
  });
}

/** Gives a node interfaces 1..count, each with an address and a cable that ends in the same node. */
export function furtherInterfaces(node: Node, count: number): void {
  withClient(node.namespace, (client) => {
    for (let n = 1; n <= count; n++) {
      const [end, peer] = [interfaceName(n), `peer${n}`];
      const mac = (last: number) => Uint8Array.of(0x02, 0xba, 0x71, 0, n, last);
      client.request((m) =>
        buildVeth(m, { name: end, mac: mac(1) }, { name: peer, mac: mac(2), namespaceFd: node.namespace })
      );
      raise(client, peer);
      changeAddress(client, raise(client, end), `10.100.${n}.254`, "add");
    }
  });
}

/** Adds or deletes an IPv4 address; one that is there, or is not, is no error. */
export function changeAddress(
  client: RouteClient,
  ifindex: number,
  address: string,
  change: "add" | "delete",
): void {
  const memory = new Memory(256);
  const request = {
    family: "ipv4",
    ifindex,
    address: ipv4(address),
    prefixLength: PREFIX_LENGTH,
    scope: 0,
    broadcast: null,
    label: null,
    protocol: 0,
    noDad: true,
    preferredS: FOREVER,
    validS: FOREVER,
  } as const;
  const end = change === "add"
    ? writeAddAddress(memory, 0, request, "replace")
    : writeDeleteAddress(memory, 0, request);
  client.transact(memory, 0, end, new Int32Array(1));
}
