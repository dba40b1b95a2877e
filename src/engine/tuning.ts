// How the engine thread runs: its nice value, its processors, its netlink buffers, and real time once it was late.
import { setRequestedBuffer } from "../../native/option.ts";
import { setRealtime } from "../../native/schedule.ts";
import { bitsOfProcessors, niceValue, processorBits, setNice, setProcessors } from "../../native/thread.ts";
import type { EngineTuning } from "../messages.ts";

/** The sockets whose buffers can be chosen. */
export interface TunedSockets {
  commandFd: number;
  monitorFd: number;
}

/** Applies what is configured, and takes it back where a reload drops it. */
export class Tuning {
  readonly #sockets: TunedSockets;
  readonly #processors = processorBits();
  readonly #nice = niceValue();
  #present: EngineTuning | null = null;
  /** Real time is still to be taken. */
  #waits = false;

  constructor(sockets: TunedSockets) {
    this.#sockets = sockets;
  }

  /** Applies new settings. Returns what was refused, a sentence each. */
  apply(wanted: EngineTuning): string[] {
    const before = this.#present;
    this.#present = wanted;
    const notes: (string | null)[] = [];
    if ((before?.nice ?? null) !== wanted.nice) notes.push(setNice(wanted.nice ?? this.#nice));
    if (before?.cpuAffinity?.join() !== wanted.cpuAffinity?.join()) {
      const bits = wanted.cpuAffinity === null ? this.#processors : bitsOfProcessors(wanted.cpuAffinity);
      notes.push(setProcessors(bits));
    }
    const { commandFd, monitorFd } = this.#sockets;
    // What is dropped by a reload keeps its size: none is lost by a buffer that is too big or too small for a while.
    if (wanted.commandBuffer !== null) setRequestedBuffer(commandFd, wanted.commandBuffer);
    if (wanted.monitorBuffer !== null) setRequestedBuffer(monitorFd, wanted.monitorBuffer);
    if (
      before?.raise?.afterUs !== wanted.raise?.afterUs || before?.raise?.priority !== wanted.raise?.priority
    ) {
      this.#waits = wanted.raise !== null;
    }
    return notes.filter((note) => note !== null);
  }

  /** A deadline was missed. Returns what to log, or null. */
  late(lateUs: number): { level: "info" | "warning"; text: string } | null {
    const raise = this.#present?.raise ?? null;
    if (!this.#waits || raise === null || lateUs < raise.afterUs) return null;
    this.#waits = false;
    const refused = setRealtime(raise.priority);
    if (refused !== null) return { level: "warning", text: refused };
    const late = `the engine woke ${(lateUs / 1e6).toFixed(3)} s late`;
    return { level: "info", text: `Set realtime priority ${raise.priority}: ${late}` };
  }
}
