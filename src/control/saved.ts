// config_save_dir: what each start and reload has read, and the data dump before and after a reload.
import { mkdirSync } from "node:fs";
import { writeDump } from "./dump/file.ts";

/** The copies of one daemon, counted from 0. */
export class SavedConfigurations {
  #next = 0;

  /** Keeps what was read. Returns null, or a sentence. */
  save(directory: string | null, effective: () => string): string | null {
    const number = this.#next++;
    if (directory === null) return null;
    return write(directory, `keepalived.conf.${process.pid}.${number}`, effective());
  }

  /**
   * Keeps the data dump around the reload that comes, or has come. `data` is asked only where it is kept: the kernel is
   * asked for it. Returns null, or a sentence.
   */
  dump(directory: string | null, which: "pre" | "post", data: () => string | null): string | null {
    if (directory === null) return null;
    const text = data();
    if (text === null) return null;
    const number = which === "pre" ? this.#next : this.#next - 1;
    return write(directory, `keepalived_vrrp.${process.pid}.${number}.${which}`, text);
  }
}

function write(directory: string, name: string, text: string): string | null {
  try {
    mkdirSync(directory, { mode: 0o755 });
  } catch (error) {
    // What is there already is used; anything else the writing will tell of.
    if (!(error instanceof Error)) throw error;
  }
  return writeDump(`${directory}/${name}`, text);
}
