// Something that is done once for all the messages that are waiting: at a start each instance has some.

/** An act that is put off until the messages of this turn are heard. */
export class Soon {
  readonly #act: () => void;
  #waiting: NodeJS.Immediate | null = null;

  constructor(act: () => void) {
    this.#act = act;
  }

  /** It is to be done. */
  want(): void {
    this.#waiting ??= setImmediate(() => {
      this.#waiting = null;
      this.#act();
    });
  }

  /** Does it at once, if it is to be done. */
  flush(): void {
    if (this.#waiting === null) return;
    this.cancel();
    this.#act();
  }

  /** It is not done any more. */
  cancel(): void {
    if (this.#waiting !== null) clearImmediate(this.#waiting);
    this.#waiting = null;
  }
}
