// The order of things to come: actions at their times, first come first served at the same time.

interface Entry {
  atUs: number;
  order: number;
  action: () => void;
}

function before(a: Entry, b: Entry): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}

/** Simulated time and the actions that wait for it: a binary heap. */
export class Agenda {
  nowUs = 0;
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Plans an action; a time that has passed means now. */
  at(atUs: number, action: () => void): void {
    if (Number.isNaN(atUs)) throw new Error("an action at no time");
    const heap = this.#heap, entry = { atUs: Math.max(atUs, this.nowUs), order: this.#order++, action };
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  /** Performs the next action, if there is one until `untilUs`; else time goes there. */
  step(untilUs: number): boolean {
    const first = this.#heap[0];
    if (first === undefined || first.atUs > untilUs) {
      this.nowUs = Math.max(this.nowUs, untilUs);
      return false;
    }
    this.#removeFirst();
    this.nowUs = first.atUs;
    first.action();
    return true;
  }

  #removeFirst(): void {
    const heap = this.#heap, last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    while (true) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}
