// A block that says nothing: what its readers make of it is the same for every block that is silent on what they ask.
import { type Setting, Settings, type Value } from "./settings.ts";
import type { Statement } from "./tree.ts";

/** Settings without any keyword that note which ones they were asked for. */
class Silence extends Settings {
  readonly asked = new Set<string>();

  override get order(): readonly string[] {
    throw new TypeError("who asks for the order of keywords must ask for the keywords first");
  }

  override has(name: string): boolean {
    this.asked.add(name);
    return false;
  }

  override get(name: string): Setting | undefined {
    this.asked.add(name);
    return undefined;
  }

  override statement(name: string): Statement | undefined {
    this.asked.add(name);
    return undefined;
  }

  protected override value(name: string): Value | undefined {
    this.asked.add(name);
    return undefined;
  }

  override statements(name: string): readonly Statement[] {
    this.asked.add(name);
    return [];
  }

  override hasAny(names: ReadonlySet<string>): boolean {
    for (const name of names) this.asked.add(name);
    return false;
  }
}

/**
 * What `read` makes of a block that is silent. Since a reader sees a block through its settings alone, it makes the
 * same of every block without the keywords that it has asked for here: instances by the thousand differ in few.
 */
export class Silent<Result> {
  readonly result: Result;
  readonly #asked: ReadonlySet<string>;

  constructor(read: (settings: Settings) => Result) {
    const silence = new Silence();
    this.result = read(silence);
    this.#asked = silence.asked;
  }

  /** Whether `result` is what `read` would make of them. */
  holdsFor(settings: Settings): boolean {
    return !settings.hasAny(this.#asked);
  }
}
