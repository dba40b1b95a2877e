// The log: one line per event, as text for people or JSON for machines, on stderr and/or syslog.
import { type SyslogSocket } from "../../native/syslog.ts";
import type { Level } from "../messages.ts";

export type LogFormat = "text" | "json";

/** syslog severities (RFC 5424 section 6.2.1). */
const SEVERITY: Record<Level, number> = { error: 3, warning: 4, info: 6, debug: 7 };

export interface LogOptions {
  format: LogFormat;
  /** Write to stderr. */
  console: boolean;
  /** Write to syslog; null = not. */
  syslog: SyslogSocket | null;
  /** Show debug lines (-D). */
  detail: boolean;
}

/** Writes lines; never throws, never waits. */
export class Log {
  readonly #options: LogOptions;
  readonly #console: Bun.FileSink | null;

  constructor(options: LogOptions) {
    this.#options = options;
    // Not process.stderr: it brings all of Node's streams along (8 MB, 7 ms), and a reader that goes away would
    // end the daemon. What a slow reader has not taken yet is kept here too.
    this.#console = options.console ? Bun.stderr.writer() : null;
  }

  /** Whether debug lines are shown. */
  get detail(): boolean {
    return this.#options.detail;
  }

  /** From now on the lines in syslog carry this name beside the program's. */
  identify(suffix: string): void {
    this.#options.syslog?.addToIdent(suffix);
  }

  /**
   * Logs one line. `instance` is put before the text as keepalived does: `(VI_1) text`, and `(VI_1): text` for a text
   * that begins with the colon.
   */
  write(level: Level, text: string, instance: string | null = null): void {
    if (level === "debug" && !this.#options.detail) return;
    const line = instance === null ? text : `(${instance})${text.startsWith(":") ? "" : " "}${text}`;
    this.#options.syslog?.send(SEVERITY[level], line);
    if (this.#console === null) return;
    const stamp = new Date().toISOString();
    this.#print(
      this.#console,
      this.#options.format === "json"
        ? JSON.stringify({
          time: stamp,
          level,
          ...(instance === null ? {} : { instance }),
          message: text.replace(/^: /, ""),
        }) +
          "\n"
        : `${stamp} ${level === "info" || level === "debug" ? "" : `${level}: `}${line}\n`,
    );
  }

  #print(console: Bun.FileSink, text: string): void {
    try {
      for (const done of [console.write(text), console.flush()]) {
        if (done instanceof Promise) done.catch(() => {});
      }
    } catch {
      // The reader has gone, or the disk is full: nobody can be told.
    }
  }
}
