// A queue of deadlines on typed arrays: an indexed binary heap, so that setting, moving and clearing a
// deadline allocate nothing and cost O(log n).

/** What a deadline of an instance is for. Slot = instance index * TIMER_KINDS + kind. */
export const TIMER_KINDS = 7;
/** Adver_Timer, Master_Down_Timer, preempt or linger deadline: whatever the router is waiting for. */
export const PROTOCOL = 0;
/** The second burst of announcements. */
export const SECOND_BURST = 1;
/** The periodic refresh of announcements. */
export const REFRESH = 2;
/** Renewal of the address lifetimes. */
export const RENEWAL = 3;
/** Putting back an address that somebody removed. */
export const RESTORE = 4;
/** The end of the wait for IPv6 addresses to be in place. */
export const SETTLE = 5;
/** Announcements on the other interfaces of the addresses (garp_extra_if). */
export const EXTRA = 6;

/** Deadlines in microseconds of CLOCK_MONOTONIC, one per slot at most. */
export class TimerQueue {
  #due = new Float64Array(0);
  /** Slots ordered as a heap by due time. */
  #heap = new Int32Array(0);
  /** Place of each slot in the heap, -1 = not armed. */
  #place = new Int32Array(0);
  #length = 0;

  /** Makes room for this many slots; allocates, so only at start and reload. */
  reserve(slots: number): void {
    if (slots <= this.#due.length) return;
    const size = Math.max(slots, this.#due.length * 2, 64);
    const due = new Float64Array(size);
    const heap = new Int32Array(size);
    const place = new Int32Array(size).fill(-1);
    due.set(this.#due);
    heap.set(this.#heap);
    place.set(this.#place);
    this.#due = due;
    this.#heap = heap;
    this.#place = place;
  }

  /** Arms or moves a slot's deadline; Infinity clears it. */
  set(slot: number, dueUs: number): void {
    if (dueUs === Infinity) return this.clear(slot);
    const place = this.#place[slot]!;
    const beforeUs = this.#due[slot]!;
    this.#due[slot] = dueUs;
    if (place < 0) {
      this.#heap[this.#length] = slot;
      this.#place[slot] = this.#length;
      this.#up(this.#length++);
    } else if (dueUs < beforeUs) this.#up(place);
    else this.#down(place);
  }

  /** Disarms a slot; nothing happens if it is not armed. */
  clear(slot: number): void {
    const place = this.#place[slot]!;
    if (place < 0) return;
    this.#place[slot] = -1;
    const last = this.#heap[--this.#length]!;
    if (last === slot) return;
    this.#heap[place] = last;
    this.#place[last] = place;
    this.#up(place);
    this.#down(this.#place[last]!);
  }

  /** The deadline of a slot, Infinity if it is not armed. */
  dueUs(slot: number): number {
    return this.#place[slot]! < 0 ? Infinity : this.#due[slot]!;
  }

  /** The earliest deadline, Infinity if none is armed. */
  nextDueUs(): number {
    return this.#length === 0 ? Infinity : this.#due[this.#heap[0]!]!;
  }

  /** The slot of the earliest deadline, -1 if none is armed. */
  nextSlot(): number {
    return this.#length === 0 ? -1 : this.#heap[0]!;
  }

  /** Takes the earliest slot that is due at `nowUs` out of the queue; -1 if none is. */
  takeDue(nowUs: number): number {
    if (this.#length === 0) return -1;
    const slot = this.#heap[0]!;
    if (this.#due[slot]! > nowUs) return -1;
    this.clear(slot);
    return slot;
  }

  #up(start: number): void {
    let place = start;
    const slot = this.#heap[place]!;
    const due = this.#due[slot]!;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const other = this.#heap[parent]!;
      if (this.#due[other]! <= due) break;
      this.#heap[place] = other;
      this.#place[other] = place;
      place = parent;
    }
    this.#heap[place] = slot;
    this.#place[slot] = place;
  }

  #down(start: number): void {
    let place = start;
    const slot = this.#heap[place]!;
    const due = this.#due[slot]!;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#length) break;
      if (child + 1 < this.#length && this.#due[this.#heap[child + 1]!]! < this.#due[this.#heap[child]!]!) {
        child++;
      }
      const other = this.#heap[child]!;
      if (this.#due[other]! >= due) break;
      this.#heap[place] = other;
      this.#place[other] = place;
      place = child;
    }
    this.#heap[place] = slot;
    this.#place[slot] = place;
  }
}
