// One machine of a lab: commands in its namespace, its addresses, its cable.
import { statSync } from "node:fs";
import type { Lab } from "./lab.ts";
import { inside } from "./namespace.ts";
import { type Program, run } from "./program.ts";
import { until } from "./until.ts";

/** What differs from the default addresses. */
export interface NodeSpec {
  /** Addresses of eth0 with prefix length; [] for none. */
  ipv4?: string[];
  ipv6?: string[];
  mac?: string;
  /** Further commands for `ip -batch` in the node, after eth0 is up. */
  commands?: string[];
}

export class Node {
  readonly name: string;
  /** From 1: the last part of its default addresses. */
  readonly number: number;
  readonly namespace: string;
  /** The switch's end of its cable. */
  readonly port: string;
  readonly mac: string;
  readonly ipv4: string[];
  readonly ipv6: string[];
  readonly #lab: Lab;
  readonly #spec: NodeSpec;

  constructor(lab: Lab, name: string, stem: string, number: number, spec: NodeSpec) {
    this.#lab = lab;
    this.#spec = spec;
    this.name = name;
    this.number = number;
    this.namespace = `${stem}-${name}`;
    this.port = `port-${name}`;
    this.mac = spec.mac ?? `02:00:00:00:00:${number.toString(16).padStart(2, "0")}`;
    this.ipv4 = spec.ipv4 ?? [`10.0.0.${number}/24`];
    this.ipv6 = spec.ipv6 ?? [`fe80::${number}/64`, `2001:db8:1::${number}/64`];
  }

  /** Its first IPv4 address, without prefix length. */
  get address(): string {
    return (this.ipv4[0] ?? "").split("/")[0]!;
  }

  /** Its link-local address, without prefix length. */
  get linkLocal(): string {
    return (this.ipv6.find((a) => a.startsWith("fe80")) ?? "").split("/")[0]!;
  }

  /** Its global IPv6 address, without prefix length. */
  get global(): string {
    return (this.ipv6.find((a) => !a.startsWith("fe80")) ?? "").split("/")[0]!;
  }

  get lab(): Lab {
    return this.#lab;
  }

  /** Where a daemon of this node has its runtime files by default. */
  get runtimeDirectory(): string {
    return `/run/baton/net-${statSync(`/run/netns/${this.namespace}`).ino}`;
  }

  /** Commands for `ip -batch` that set the node up. */
  setup(): string[] {
    return [
      "link set lo up",
      "link set eth0 up",
      ...this.ipv4.map((a) => `address add ${a} dev eth0`),
      ...this.ipv6.map((a) => `address add ${a} dev eth0 nodad`),
      ...(this.#spec.commands ?? []),
    ];
  }

  /** Runs a command in the node to its end. Fails when it fails. Returns stdout. */
  exec(...words: string[]): Promise<string> {
    return run(["ip", "netns", "exec", this.namespace, ...words]);
  }

  /** `ip` in the node. */
  ip(...words: string[]): Promise<string> {
    return run(["ip", "-n", this.namespace, ...words]);
  }

  /** Starts a program in the node; its pid is the program's own. It ends with the lab. */
  spawn(title: string, words: string[], env: Record<string, string> = {}): Program {
    return this.#lab.spawn(title, ["ip", "netns", "exec", this.namespace, ...words], env);
  }

  /** Runs `work`, which must not wait, with this thread in the node: sockets made there stay there. */
  inside<T>(work: () => T): T {
    return inside(this.namespace, work);
  }

  /** Addresses of all interfaces as `ADDRESS/PREFIX`. */
  async addresses(): Promise<string[]> {
    const links = JSON.parse(await this.ip("-json", "address", "show")) as {
      addr_info: { local: string; prefixlen: number }[];
    }[];
    return links.flatMap((l) => l.addr_info.map((a) => `${a.local}/${a.prefixlen}`));
  }

  /** Whether one of the interfaces has the address (without prefix length). */
  async has(address: string): Promise<boolean> {
    return (await this.addresses()).some((a) => a.split("/")[0] === address);
  }

  /** Awaits that the address is there. */
  async gains(address: string): Promise<void> {
    await until(() => this.has(address), () => `${this.name} never got ${address}`);
  }

  /** Awaits that the address is gone. */
  async loses(address: string): Promise<void> {
    await until(async () => !(await this.has(address)), () => `${this.name} still has ${address}`);
  }

  /** The carrier goes, as with a pulled cable. */
  async unplug(): Promise<void> {
    await run(["ip", "-n", this.#lab.switchNamespace, "link", "set", this.port, "down"]);
  }

  async plug(): Promise<void> {
    await run(["ip", "-n", this.#lab.switchNamespace, "link", "set", this.port, "up"]);
  }

  /** The carrier stays and nothing gets through, as with a broken switch. */
  async isolate(): Promise<void> {
    await run(["ip", "-n", this.#lab.switchNamespace, "link", "set", this.port, "nomaster"]);
  }

  async join(): Promise<void> {
    await run(["ip", "-n", this.#lab.switchNamespace, "link", "set", this.port, "master", "br0"]);
  }

  /** Everything that baton could have changed: links, addresses, routes, rules, sysctls, nftables. */
  async inventory(): Promise<string> {
    const commands = [
      "ip -details link show",
      "ip address show",
      "ip route show table all",
      "ip -6 route show table all",
      "ip rule show",
      "ip -6 rule show",
      "sysctl -a --pattern ^net",
      "nft list ruleset",
    ];
    return masked(await this.exec("sh", "-c", commands.map((c) => `echo '# ${c}'; ${c}`).join("\n")));
  }
}

/** Without what the kernel counts by itself. */
function masked(text: string): string {
  return text.split("\n")
    .filter((line) => !/nf_conntrack_count|ipv4\.route\.|neigh.*\.gc_|random|nf_log/.test(line))
    .map((line) => line.replace(/expires \d+sec/, "").replace(/(gc_timer|hello_timer)\s+\S+/g, ""))
    .join("\n");
}
