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

  constructor(options: LogOptions) {
    this.#options = options;
  }

  /** Whether debug lines are shown. */
  get detail(): boolean {
    return this.#options.detail;
  }

  /** Logs one line. `instance` is put before the text as keepalived does: `(VI_1) text`. */
  write(level: Level, text: string, instance: string | null = null): void {
    if (level === "debug" && !this.#options.detail) return;
    const line = instance === null ? text : `(${instance}) ${text}`;
    this.#options.syslog?.send(SEVERITY[level], line);
    if (!this.#options.console) return;
    const stamp = new Date().toISOString();
    process.stderr.write(
      this.#options.format === "json"
        ? JSON.stringify({ time: stamp, level, ...(instance === null ? {} : { instance }), message: text }) +
          "\n"
        : `${stamp} ${level === "info" || level === "debug" ? "" : `${level}: `}${line}\n`,
    );
  }
}
