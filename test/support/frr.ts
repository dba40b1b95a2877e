// FRR's vrrpd as a peer: zebra and vrrpd with sockets of their own, and the macvlans that FRR wants made by hand.
import { mkdirSync, writeFileSync } from "node:fs";
import { Daemon } from "./daemon.ts";
import type { Node } from "./node.ts";
import { find } from "./peer.ts";
import { type Program, run } from "./program.ts";
import type { Shape } from "./shapes.ts";

const VRID = 51;

/** One router. FRR keeps the addresses on a macvlan with the virtual MAC that is down in Backup. */
export class Frr extends Daemon {
  readonly #directory: string;
  readonly #shape: Shape;
  #zebra: Program | null = null;

  private constructor(node: Node, shape: Shape, priority: number) {
    super(node, "frr", configuration(shape, priority));
    this.#shape = shape;
    this.#directory = `${this.stem}.d`;
    mkdirSync(this.#directory);
  }

  /** Makes the macvlan and starts zebra; vrrpd is for `start`. */
  static async on(node: Node, shape: Shape, priority: number): Promise<Frr> {
    const frr = new Frr(node, shape, priority);
    // The daemons give up root.
    await run(["chown", "frr:frr", frr.#directory]);
    const mac = `00:00:5e:00:0${shape.family === "ipv4" ? 1 : 2}:${VRID.toString(16)}`;
    await node.ip("link", "add", "vrrp0", "link", "eth0", "type", "macvlan", "mode", "bridge");
    await node.ip("link", "set", "dev", "vrrp0", "address", mac);
    await frr.#raise();
    const file = `${frr.stem}.zebra.conf`;
    writeFileSync(file, "hostname zebra\n");
    frr.#zebra = node.spawn("zebra", frr.#command("zebra", file));
    await frr.#zebra.waitFor(/zebra \S+ starting/);
    return frr;
  }

  protected override words(): string[] {
    return this.#command("vrrpd", this.file);
  }

  protected override stateLine(): RegExp {
    return new RegExp(
      `\\[VRID ${VRID}\\] \\[${this.#shape.family === "ipv4" ? "IPv4" : "IPv6"}\\] \\w+ -> (\\w+)`,
    );
  }

  /** vrrpd dies, and its macvlan with it: alone, it would go on answering ARP. */
  async crash(): Promise<void> {
    await this.program.kill();
    await this.node.ip("link", "set", "dev", "vrrp0", "down");
  }

  /** Starts vrrpd again after a crash. */
  async restart(): Promise<void> {
    await this.node.ip("link", "set", "dev", "vrrp0", "protodown", "off");
    await this.#raise();
    this.start();
  }

  /** The macvlan up with its addresses; IPv6 ones do not survive its going down. */
  async #raise(): Promise<void> {
    await this.node.ip("link", "set", "dev", "vrrp0", "up");
    // A link-local of its own: two routers with the one of the virtual MAC could not tell each other apart.
    const own = this.#shape.family === "ipv6" ? [`fe80::6:${this.node.number}/64`] : [];
    const nodad = this.#shape.family === "ipv6" ? ["nodad"] : [];
    for (const address of [...this.#shape.addresses, ...own]) {
      await this.node.ip("address", "replace", address, "dev", "vrrp0", ...nodad);
    }
  }

  #command(program: string, file: string): string[] {
    const at = this.#directory;
    const sockets = ["-z", `${at}/zserv.api`, "--vty_socket", at, "-P", "0", "-i", `${at}/${program}.pid`];
    return [find(program) ?? program, "-f", file, ...sockets, "--log", "stdout"];
  }
}

function configuration(shape: Shape, priority: number): string {
  const word = shape.family === "ipv4" ? "ip" : "ipv6";
  return [
    "hostname vrrpd",
    "log stdout",
    "interface eth0",
    ` vrrp ${VRID} version ${shape.version}`,
    ` vrrp ${VRID} priority ${priority}`,
    ` vrrp ${VRID} advertisement-interval ${shape.interval * 1000}`,
    ...shape.addresses.map((a) => ` vrrp ${VRID} ${word} ${a.split("/")[0]}`),
    "!",
    "",
  ].join("\n");
}
