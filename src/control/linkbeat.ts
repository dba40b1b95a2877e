// The polled interfaces of the configuration in force: the engine is told what their drivers say, and so is the log.
import type { Config, LinkbeatConfig } from "../config/model.ts";
import type { ToEngine } from "../messages.ts";
import { Linkbeat } from "../tracking/linkbeat.ts";
import type { Log } from "./log.ts";

/** Polls on the control thread: a driver that takes its time holds up no advert. */
export class Linkbeats {
  readonly #log: Log;
  readonly #send: (message: ToEngine) => void;
  #polled: readonly LinkbeatConfig[] = [];
  #linkbeat: Linkbeat | null = null;

  constructor(log: Log, send: (message: ToEngine) => void) {
    this.#log = log;
    this.#send = send;
  }

  /** Follows what this configuration names, and nothing else any more. */
  follow({ linkbeat }: Config): void {
    if (Bun.deepEquals(linkbeat, this.#polled, true)) return;
    this.stop();
    for (const { interface: name } of this.#polled) {
      if (!linkbeat.some((each) => each.interface === name)) {
        this.#send({ type: "linkbeat", interface: name, up: null });
      }
    }
    this.#polled = linkbeat;
    if (linkbeat.length === 0) return;
    try {
      this.#linkbeat = this.#poll(linkbeat);
    } catch (error) {
      // The next reload tries again.
      this.#polled = [];
      for (const { interface: name } of linkbeat) this.#send({ type: "linkbeat", interface: name, up: null });
      const why = error instanceof Error ? error.message : String(error);
      this.#log.write("warning", `linkbeat: ${why}; until a reload the kernel's word on the links is taken`);
    }
  }

  /** Throws SyscallError. */
  #poll(linkbeat: readonly LinkbeatConfig[]): Linkbeat {
    return new Linkbeat(linkbeat, {
      changed: (name, up, method) => {
        this.#log.write("info", `linkbeat: ${name} has ${up ? "a" : "no"} link (${method})`);
        this.#send({ type: "linkbeat", interface: name, up });
      },
      warn: (text) => this.#log.write("warning", text),
    });
  }

  stop(): void {
    this.#linkbeat?.stop();
    this.#linkbeat = null;
  }
}
