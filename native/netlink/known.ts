// Which address events say something new: renewals of lifetimes come by the hundred and must not allocate.
//
// A cache of fixed size, four entries to a set. One that is pushed out, or never was in, only means that an
// event is reported although it says nothing new.
import { IF_ADDR } from "../constants.ts";
import { IFADDRMSG, NLATTR, NLMSGHDR } from "../layout.ts";
import { align, attributeLength, attributeType } from "./message.ts";

const SETS = 4096;
const WAYS = 4;
/** Words of an entry: family and prefix length, ifindex, address (4); then flags, scope and mark, texts. */
const KEY_WORDS = 6;
const FLAGS = 6;
const SCOPE = 7;
const REST = 8;
const WORDS = 9;

/** The addresses of a network namespace as their events told, without their lifetimes. */
export class KnownAddresses {
  readonly #entries = new Int32Array(SETS * WAYS * WORDS);
  readonly #entry = new Int32Array(WORDS);
  #victim = 0;

  /**
   * Takes an RTM_NEWADDR (or RTM_DELADDR: `deleted`) message of [at, end). False if it says of a known address
   * what was known, lifetimes aside. Allocates nothing.
   */
  isNews(view: DataView, at: number, end: number, deleted: boolean): boolean {
    if (at + NLMSGHDR.size + IFADDRMSG.size > end) return true;
    this.#read(view, at + NLMSGHDR.size, end);
    const set = this.#set();
    let free = -1;
    for (let way = 0; way < WAYS; way++) {
      const offset = (set * WAYS + way) * WORDS;
      if (this.#entries[offset] === 0) free = offset;
      else if (this.#equals(offset, KEY_WORDS)) {
        const same = this.#equals(offset, WORDS);
        if (deleted) this.#entries[offset] = 0;
        else if (!same) this.#store(offset);
        return deleted || !same;
      }
    }
    if (deleted) return true;
    if (free < 0) {
      this.#victim = (this.#victim + 1) % WAYS;
      free = (set * WAYS + this.#victim) * WORDS;
    }
    this.#store(free);
    return true;
  }

  /** Forgets everything: the next event of each address is news. */
  clear(): void {
    this.#entries.fill(0);
  }

  #read(view: DataView, body: number, end: number): void {
    const entry = this.#entry;
    entry.fill(0);
    const family = view.getUint8(body + IFADDRMSG.at.ifa_family);
    entry[0] = family | (view.getUint8(body + IFADDRMSG.at.ifa_prefixlen) << 8) | 0x1_0000;
    entry[1] = view.getInt32(body + IFADDRMSG.at.ifa_index, true);
    entry[FLAGS] = view.getUint8(body + IFADDRMSG.at.ifa_flags);
    entry[SCOPE] = view.getUint8(body + IFADDRMSG.at.ifa_scope);
    let local = false;
    for (let at = body + IFADDRMSG.size;;) {
      const length = attributeLength(view, at, end);
      if (length === 0) return;
      const type = attributeType(view, at);
      const from = at + NLATTR.size;
      const to = at + length;
      if (type === IF_ADDR.IFA_LOCAL || (type === IF_ADDR.IFA_ADDRESS && !local)) {
        local = type === IF_ADDR.IFA_LOCAL;
        for (let i = 0; i < 4; i++) {
          entry[2 + i] = from + i * 4 + 4 <= to ? view.getInt32(from + i * 4, true) : 0;
        }
      }
      if (type === IF_ADDR.IFA_FLAGS && length >= 8) entry[FLAGS] = view.getInt32(from, true);
      else if (type === IF_ADDR.IFA_PROTO && length >= 5) {
        entry[SCOPE] = (entry[SCOPE] as number) | (view.getUint8(from) << 8);
      } else if (type !== IF_ADDR.IFA_CACHEINFO) {
        let hash = (entry[REST] as number) ^ type;
        for (let i = from; i < to; i++) hash = Math.imul(hash ^ view.getUint8(i), 0x0100_0193);
        entry[REST] = hash;
      }
      at += align(length);
    }
  }

  #set(): number {
    let hash = 0x811c_9dc5;
    for (let i = 0; i < KEY_WORDS; i++) {
      hash = Math.imul(hash ^ (this.#entry[i] as number), 0x9e37_79b1);
      hash ^= hash >>> 15; // addresses differ in their last bytes, and a product carries those upwards only
    }
    return hash & (SETS - 1);
  }

  #equals(offset: number, words: number): boolean {
    for (let i = 0; i < words; i++) if (this.#entries[offset + i] !== this.#entry[i]) return false;
    return true;
  }

  #store(offset: number): void {
    for (let i = 0; i < WORDS; i++) this.#entries[offset + i] = this.#entry[i] as number;
  }
}
