// The VRRP daemons under test: baton's binary, and keepalived as its peer.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { resolve } from "node:path";
import type { InstanceStatus, Status } from "../../src/status/snapshot.ts";
import { NAME } from "./conf.ts";
import type { Node } from "./node.ts";
import type { Program, Signal } from "./program.ts";
import { LIMIT_MS, until, within } from "./until.ts";

/** The binary under test. */
export const BATON = resolve(process.env["BATON"] ?? "dist/baton");
if (!existsSync(BATON)) throw new Error(`${BATON} does not exist: build it with npm run build`);

/** States as both daemons log them. */
export type LoggedState = "MASTER" | "BACKUP" | "FAULT";

let daemons = 0;

/** A VRRP daemon whose log says `(NAME) Entering STATE STATE`. */
export abstract class Daemon {
  readonly node: Node;
  /** Its configuration file. */
  readonly file: string;
  protected readonly stem: string;
  #program: Program | null = null;

  constructor(node: Node, title: string, text: string) {
    this.node = node;
    this.stem = node.lab.path(`${title}-${node.name}-${++daemons}`);
    this.file = `${this.stem}.conf`;
    this.write(text);
  }

  protected abstract words(): string[];

  /** Replaces its configuration file. */
  write(text: string): void {
    writeFileSync(this.file, text);
  }

  /** Starts it (again). */
  start(): this {
    const words = this.words();
    this.#program = this.node.spawn(`${words[0]} on ${this.node.name}`, words);
    return this;
  }

  get program(): Program {
    if (this.#program === null) throw new Error("the daemon has not been started");
    return this.#program;
  }

  get log(): string {
    return this.program.log;
  }

  mark(): number {
    return this.program.mark();
  }

  waitFor(pattern: RegExp, from = 0): Promise<string> {
    return this.program.waitFor(pattern, from);
  }

  signal(name: Signal): void {
    this.program.signal(name);
  }

  end(name: Signal): Promise<number> {
    return this.program.end(name);
  }

  /** Matches a log line that tells of a new state of the instance; the state is its first group. */
  protected stateLine(name: string): RegExp {
    return new RegExp(`\\(${name}\\):? [Ee]ntering (\\w+) STATE`);
  }

  /** Every state that the instance has entered since its start, from log line `from` on. */
  states(name: string = NAME, from = 0): string[] {
    const pattern = this.stateLine(name);
    return this.program.lines.slice(from).flatMap((line) => pattern.exec(line)?.[1]?.toUpperCase() ?? []);
  }

  /** Awaits that the last state the instance has entered is this one. */
  async becomes(state: LoggedState, name: string = NAME): Promise<void> {
    const endMs = performance.now() + LIMIT_MS;
    while (this.states(name).at(-1) !== state) {
      if (!this.program.running) throw new Error(`${this.program.title} has ended:\n${this.log}`);
      if (performance.now() > endMs) throw new Error(`${name} never became ${state}:\n${this.log}`);
      await Promise.race([this.program.waitFor(this.stateLine(name), this.mark()), this.program.exited]);
    }
  }
}

/** baton with its socket and pid file in the lab's directory. */
export class Baton extends Daemon {
  readonly socket: string;
  readonly pidFile: string;
  readonly #options: string[];

  constructor(node: Node, text: string, options: string[] = []) {
    super(node, "baton", text);
    this.socket = `${this.stem}.sock`;
    this.pidFile = `${this.stem}.pid`;
    this.#options = options;
  }

  protected override words(): string[] {
    const paths = ["--socket", this.socket, "--pid", this.pidFile];
    return [BATON, "run", "-f", this.file, "-D", ...paths, ...this.#options];
  }

  /** Files that a running daemon has and a stopped one has not. */
  get runtimeFiles(): string[] {
    return [this.socket, this.pidFile, `${this.socket}.state.json`];
  }

  /** The JSON that `baton status --json` prints, from the same socket. */
  status(): Promise<Status> {
    return askStatus(this.socket);
  }

  /** One instance of the status. */
  async instance(name: string = NAME): Promise<InstanceStatus> {
    const found = (await this.status()).instances.find((i) => i.name === name);
    if (found === undefined) throw new Error(`the status has no instance ${name}`);
    return found;
  }

  /** Awaits that the status of an instance satisfies `test`; resolves with it. */
  async shows(test: (i: InstanceStatus) => boolean, name: string = NAME): Promise<InstanceStatus> {
    let last: InstanceStatus | null = null;
    return await until(
      async () => {
        last = (await this.status().catch(() => null))?.instances.find((i) => i.name === name) ?? null;
        return last !== null && test(last) ? last : null;
      },
      () => `the status never became as wanted, it is ${JSON.stringify(last, null, 1)}\n${this.log}`,
    );
  }

  /** SIGHUP; resolves when the log says how it went. */
  async reload(text?: string): Promise<string> {
    if (text !== undefined) this.write(text);
    const from = this.mark();
    this.signal("SIGHUP");
    return await this.waitFor(/ reload: |reload is refused/, from);
  }
}

/** Asks a control socket for the status. */
export async function askStatus(socket: string): Promise<Status> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  const connection = createConnection({ path: socket }, () => connection.write("status\n"));
  connection.setEncoding("utf8");
  connection.on("data", (part) => text += String(part)).on("end", () => resolve(text)).on("error", reject);
  return JSON.parse(await within(promise, () => `${socket} does not answer`)) as Status;
}

/** Debian's keepalived with pid files of its own. */
export class Keepalived extends Daemon {
  readonly #bfd: boolean;

  /** `bfd`: with the process that speaks BFD. */
  constructor(node: Node, text: string, bfd = false) {
    super(node, "keepalived", text);
    this.#bfd = bfd;
  }

  get #pidFiles(): [string, string] {
    return [`${this.stem}.pid`, `${this.stem}.vrrp.pid`];
  }

  protected override words(): string[] {
    const [parent, child] = this.#pidFiles;
    const options = [
      "--dont-fork",
      "--log-console",
      "-D",
      "-D",
      ...(this.#bfd ? ["--bfd_pid", `${this.stem}.bfd.pid`] : ["--vrrp"]),
      "--pid",
      parent,
      "--vrrp_pid",
      child,
    ];
    return ["keepalived", "-f", this.file, ...options];
  }

  /** The process that speaks VRRP. */
  async vrrpPid(): Promise<number> {
    const line = await this.waitFor(/Starting VRRP child process, pid=/);
    return Number(/pid=(\d+)/.exec(line)![1]);
  }

  /** Both processes die without a word; their pid files go, as after a reboot. */
  async crash(): Promise<void> {
    const child = await this.vrrpPid();
    // Frozen, the parent starts no new child, and the child is not told of the parent's death.
    this.signal("SIGSTOP");
    process.kill(child, "SIGKILL");
    await this.program.kill();
    for (const file of this.#pidFiles) rmSync(file, { force: true });
  }
}
