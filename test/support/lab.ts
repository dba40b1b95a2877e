// A private LAN in network namespaces: a switch with a bridge, and nodes that hang on it by a cable each.
import { setDefaultTimeout } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Node, type NodeSpec } from "./node.ts";
import { Program, run } from "./program.ts";
import { PREFIX, removal } from "./sweep.ts";

/** Limit of one test in milliseconds: above every wait inside of it. */
setDefaultTimeout(90_000);

let labs = 0;

/** One LAN. `await using lab = await Lab.create(...)` removes everything, also after a failed test. */
export class Lab implements AsyncDisposable {
  readonly nodes: Readonly<Record<string, Node>>;
  /** Namespace of the switch; its bridge is `br0`, its ports are named after the nodes. */
  readonly switchNamespace: string;
  /** Temporary files of this lab. */
  readonly directory: string;
  readonly #programs: Program[] = [];
  readonly #closers: (() => Promise<void> | void)[] = [];

  private constructor(names: Record<string, NodeSpec>) {
    const stem = `${PREFIX}${process.pid}-${++labs}`;
    this.switchNamespace = `${stem}-switch`;
    this.directory = mkdtempSync(join(tmpdir(), `${stem}-`));
    // Scripts of other users live here.
    chmodSync(this.directory, 0o755);
    this.nodes = Object.fromEntries(
      Object.entries(names).map(([name, spec], index) => [name, new Node(this, name, stem, index + 1, spec)]),
    );
  }

  /**
   * Builds switch and nodes; resolves when every cable carries. Node number n (from 1) has 10.0.0.n/24,
   * fe80::n and 2001:db8:1::n/64 on `eth0` unless its spec says otherwise.
   */
  static async create(names: Record<string, NodeSpec>): Promise<Lab> {
    const lab = new Lab(names);
    try {
      await run(["sh", "-e"], lab.#script());
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
    return lab;
  }

  /** The node of that name. */
  node(name: string): Node {
    const node = this.nodes[name];
    if (node === undefined) throw new Error(`the lab has no node ${name}`);
    return node;
  }

  /** Interface index of the switch's bridge. */
  async switchIndex(): Promise<number> {
    const text = await run(["ip", "-n", this.switchNamespace, "-json", "link", "show", "br0"]);
    return (JSON.parse(text) as { ifindex: number }[])[0]!.ifindex;
  }

  /** Starts a program that ends with the lab. */
  spawn(title: string, words: string[], env: Record<string, string> = {}): Program {
    const program = new Program(title, words, env);
    this.#programs.push(program);
    return program;
  }

  /** Runs `close` when the lab ends, before the programs are killed. */
  defer(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** A path in the lab's directory. */
  path(name: string): string {
    return join(this.directory, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
    // A frozen process dies of SIGKILL too.
    await Promise.all(this.#programs.splice(0).map((program) => program.kill()));
    const namespaces = [...Object.values(this.nodes).map((n) => n.namespace), this.switchNamespace];
    await run(["sh"], namespaces.map((name) => removal(name)).join(""));
    rmSync(this.directory, { recursive: true, force: true });
  }

  #script(): string {
    const all = [this.switchNamespace, ...Object.values(this.nodes).map((n) => n.namespace)];
    const bridge = [
      "link add br0 type bridge mcast_snooping 0 forward_delay 0 stp_state 0",
      // A capture on the bridge sees what it forwards, too.
      "link set br0 up promisc on",
    ];
    const ports = Object.values(this.nodes).flatMap((n) => [
      `link set dev ${n.port} master br0`,
      `link set dev ${n.port} up`,
    ]);
    return [
      ...all.map((name) => `ip netns add ${name}`),
      // The switch speaks no IPv6 of its own; nodes form no address that the test did not give.
      quiet(this.switchNamespace, { "conf.default.disable_ipv6": 1, "conf.all.disable_ipv6": 1 }),
      ...Object.values(this.nodes).flatMap((n) => [
        quiet(n.namespace, {
          "conf.default.accept_ra": 0,
          "conf.default.router_solicitations": 0,
          "conf.default.addr_gen_mode": 1,
        }),
        `ip link add eth0 netns ${n.namespace} address ${n.mac} type veth peer name ${n.port} netns ${this.switchNamespace}`,
      ]),
      batch(this.switchNamespace, [...bridge, ...ports]),
      ...Object.values(this.nodes).map((n) => batch(n.namespace, n.setup())),
      "",
    ].join("\n");
  }
}

function quiet(namespace: string, values: Record<string, number>): string {
  const words = Object.entries(values).map(([key, value]) => `net.ipv6.${key}=${value}`);
  return `ip netns exec ${namespace} sysctl -qw ${words.join(" ")}`;
}

function batch(namespace: string, lines: string[]): string {
  return `ip -n ${namespace} -batch - <<'END'\n${lines.join("\n")}\nEND`;
}
