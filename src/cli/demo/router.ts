// One router of the demo: a real daemon as a child process inside the router's network namespace.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "../../control/socket.ts";
import type { Level } from "../../messages.ts";
import type { InstanceStatus, Status } from "../../status/snapshot.ts";
import type { MachineName, Network } from "./network.ts";
import { ENDS_WITH_PARENT, ownCommand } from "../self.ts";

/** A line of the daemon's log, as `baton run --log-format json` writes it. */
export interface LogLine {
  level: Level;
  /** Null for lines about the daemon as a whole. */
  instance: string | null;
  message: string;
}

export interface RouterOptions {
  /** For people: "router A". */
  name: string;
  machine: MachineName;
  /** Its own address. */
  address: string;
  priority: number;
  /** The text of its configuration. */
  configuration: string;
  /** Private directory for its files. */
  directory: string;
  network: Network;
  /** Called for each line of its log. */
  hear: (line: LogLine) => void;
}

/** Time that the daemon has for an orderly stop. */
const STOP_LIMIT_MS = 10_000;

/** A daemon that takes longer to answer counts as silent. */
const ANSWER_LIMIT_MS = 1000;
const TRANSITION = /^Entering ([A-Z]+) STATE(?: \(init\))?: (.*)$/;

/** One router. */
export class Router {
  readonly name: string;
  readonly machine: MachineName;
  readonly address: string;
  readonly priority: number;
  /** What it last answered; null while it does not run or does not answer. */
  status: InstanceStatus | null = null;
  /** The last transition that it logged, with its cause; null before the first. */
  lastTransition: { state: string; cause: string } | null = null;
  /** The last error that it logged. */
  lastError = "";
  readonly #options: RouterOptions;
  readonly #file: string;
  readonly #socket: string;
  #daemon: Bun.Subprocess<"ignore", "ignore", "pipe"> | null = null;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.name = options.name;
    this.machine = options.machine;
    this.address = options.address;
    this.priority = options.priority;
    this.#file = join(options.directory, `${options.machine}.conf`);
    this.#socket = join(options.directory, `${options.machine}.sock`);
    writeFileSync(this.#file, options.configuration);
  }

  /** Process id of the daemon, 0 while none runs. */
  get pid(): number {
    return this.#daemon?.pid ?? 0;
  }

  /** Starts the daemon. */
  start(): void {
    const { network, directory } = this.#options;
    const pid = join(directory, `${this.machine}.pid`);
    const words = ["run", "-f", this.#file, "--socket", this.#socket, "--pid", pid, "--log-format", "json"];
    const daemon = network.inside(this.machine, () =>
      Bun.spawn([...ownCommand(), ...words], {
        stdin: "ignore",
        stdout: "ignore",
        stderr: "pipe",
        // A session of its own: Ctrl-C is for the demo, which stops its daemons itself.
        detached: true,
        // Should the demo be killed, the daemon ends with it.
        env: { ...process.env, [ENDS_WITH_PARENT]: String(process.pid) },
      }));
    this.#daemon = daemon;
    this.lastError = "";
    this.lastTransition = null;
    this.#listen(daemon.stderr).catch(() => {});
    void daemon.exited.then(() => {
      if (this.#daemon !== daemon) return;
      this.#daemon = null;
      this.status = null;
    });
  }

  async #listen(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) if (line !== "") this.#hear(parseLogLine(line));
    }
  }

  #hear(line: LogLine): void {
    const transition = TRANSITION.exec(line.message);
    if (transition !== null) this.lastTransition = { state: transition[1]!, cause: transition[2]! };
    if (line.level === "error") this.lastError = line.message;
    this.#options.hear(line);
  }

  /** Asks the daemon for its status. Never throws: no answer is null. */
  async refresh(): Promise<InstanceStatus | null> {
    const daemon = this.#daemon;
    const status = daemon === null
      ? null
      : await within(ANSWER_LIMIT_MS, ask(this.#socket, "status").then((answer) => answer as Status));
    // The daemon may have ended meanwhile.
    this.status = this.#daemon === daemon ? status?.instances[0] ?? null : null;
    return this.status;
  }

  /** SIGKILL. Resolves when the process has ended. */
  async kill(): Promise<void> {
    const daemon = this.#daemon;
    daemon?.kill("SIGKILL");
    await daemon?.exited;
  }

  /** SIGTERM, and SIGKILL after ten seconds. Resolves with the exit code, null after SIGKILL. */
  async stop(): Promise<number | null> {
    const daemon = this.#daemon;
    if (daemon === null) return null;
    daemon.kill("SIGTERM");
    const timer = setTimeout(() => daemon.kill("SIGKILL"), STOP_LIMIT_MS);
    await daemon.exited;
    clearTimeout(timer);
    return daemon.exitCode;
  }

  /** SIGKILL at once, for the end of the process. */
  abandon(): void {
    this.#daemon?.kill("SIGKILL");
  }
}

/** What the promise resolves to; null when it rejects or takes longer. */
async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | null> {
  const limit = Promise.withResolvers<null>();
  const timer = setTimeout(() => limit.resolve(null), limitMs);
  try {
    return await Promise.race([promise, limit.promise]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** A line of the JSON log; a line that is none (a crash report) becomes an error with that text. */
export function parseLogLine(text: string): LogLine {
  try {
    const { level, instance, message } = JSON.parse(text) as Partial<Record<string, unknown>>;
    if (typeof message === "string") {
      return {
        level: level === "debug" || level === "warning" || level === "error" ? level : "info",
        instance: typeof instance === "string" ? instance : null,
        message,
      };
    }
  } catch {
    // not JSON
  }
  return { level: "error", instance: null, message: text };
}
