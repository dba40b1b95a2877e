// Drops what comes to and leaves from addresses that must not answer (no_accept, strict mode): one nftables table,
// its sets kept equal to what is wanted.
//
// The table belongs to this engine's socket: nobody else can change or flush it, and the kernel takes it away when
// the process ends, however that happens. Where the addresses are to outlive the process, so does the table. The
// control thread records a table that stays (before Linux 5.12 each of them does), and the next start removes it.
import { ERRNO, errnoName, SyscallError } from "../../native/errno.ts";
import { Memory } from "../../native/memory.ts";
import { MessageBuilder } from "../../native/netlink/message.ts";
import { type BatchResult, NetfilterClient } from "../../native/netlink/netfilter.ts";
import {
  type Ownership,
  setKey,
  writeBatch,
  writeDeleteTable,
  writeElements,
} from "../../native/netlink/nftables.ts";
import { DEFAULT_FIREWALL } from "../config/firewall.ts";
import type { FirewallConfig } from "../config/model.ts";
import type { FromEngine } from "../messages.ts";
import type { Holding } from "./holding.ts";
import { ruleset, RULESET_BYTES, setOf, SETS } from "./ruleset.ts";

/** Other names that are tried where the table's is taken: NAME_2 and so on. */
const NAMES = 16;
/** Elements in one message; an attribute holds 64 KiB. */
const ELEMENTS = 500;
/** Upper bound of the bytes of an element, and of what else a message of elements holds. */
const ELEMENT_BYTES = 64;
const MESSAGE_BYTES = 600;
/** A table that nobody has: a rehearsal's addresses go there, and the kernel refuses them (ENOENT). */
const NOBODYS = "re/hearsal";
/** Where in a batch the message stands that makes the table: behind the batch's beginning. */
const NEW_TABLE = 1;

/** The kernel's side; a test has one of its own. */
export type FirewallClient = Pick<NetfilterClient, "send" | "close">;

/** Who is told. */
export interface FirewallReport {
  post(message: FromEngine): void;
  log(level: "warning" | "error", id: number | null, text: string): void;
}

/** An address that is dropped, and for how many holdings. */
interface Element {
  set: number;
  key: Uint8Array;
  address: Uint8Array;
  interface: string;
  ifindex: number;
  users: number;
}

/** The table that stands. */
interface Standing {
  name: string;
  ownership: Ownership;
}

/** What is dropped, against one socket. */
export class Firewall {
  readonly #report: FirewallReport;
  readonly #open: () => FirewallClient;
  #config = DEFAULT_FIREWALL;
  #client: FirewallClient | null = null;
  #standing: Standing | null = null;
  /** Some instance may have to drop packets. */
  #needed = false;
  /** The kernel has been asked and refused: not again before the next plan, since it may look for modules each time. */
  #refused = false;
  /** "shared" once the kernel has said that it does not know the ownership that is wanted. */
  #ownership: Ownership;
  readonly #elements = new Map<string, Element>();
  #rehearsing = false;
  #memory = new Memory(8192);

  /** `outlives`: what is dropped when the process ends is dropped from then on, too. */
  constructor(
    report: FirewallReport,
    outlives: boolean,
    open: () => FirewallClient = () => new NetfilterClient(),
  ) {
    this.#report = report;
    this.#ownership = outlives ? "persistent" : "owned";
    this.#open = open;
  }

  /**
   * Takes over a plan: the settings (undefined = as they are), and whether any instance drops packets. Makes the
   * table, makes it anew, or puts it away.
   */
  settle(config: FirewallConfig | undefined, needed: boolean): void {
    const changed = config !== undefined && !Bun.deepEquals(config, this.#config, true);
    this.#needed = needed;
    this.#refused = false;
    if (changed) {
      this.#config = config;
      for (const element of this.#elements.values()) this.#setKey(element);
    }
    if (!needed && this.#elements.size === 0) this.#remove();
    // One that is shared may have been flushed meanwhile.
    else if (this.#standing === null || this.#standing.ownership === "shared" || changed) this.#build();
  }

  /** Drops the packets of the holding's addresses of [first, end) that are not dropped yet. */
  block(holding: Holding, first: number, end: number): void {
    const fresh: Element[] = [];
    for (let i = first; i < end; i++) {
      const { interface: name } = holding.addresses[i]!;
      const ifindex = holding.ifindex[i]!;
      const blocked = holding.blocked[i];
      if (blocked != null) {
        this.#follow(this.#elements.get(blocked)!, ifindex);
        continue;
      }
      // An interface that is not there has no packets either.
      if (ifindex === 0) continue;
      const address = holding.bytes[i]!;
      const set = setOf(address);
      const id = set === SETS.link ? `${name} ${address.toHex()}` : address.toHex();
      holding.blocked[i] = id;
      const known = this.#elements.get(id);
      if (known !== undefined) known.users++;
      else {
        const element = { set, key: address, address, interface: name, ifindex, users: 1 };
        this.#setKey(element);
        this.#elements.set(id, element);
        fresh.push(element);
      }
    }
    this.#change(fresh, "add");
  }

  /** Its interface may be another one of that name by now, and its key may be the index. */
  #follow(element: Element, ifindex: number): void {
    if (ifindex === 0 || element.ifindex === ifindex) return;
    const keyed = element.set === SETS.link && this.#config.byIndex;
    if (keyed) this.#change([element], "delete");
    element.ifindex = ifindex;
    if (!keyed) return;
    this.#setKey(element);
    this.#change([element], "add");
  }

  /** Lets the packets of the holding's addresses of [first, end) through again, unless another holding wants them dropped. */
  unblock(holding: Holding, first: number, end: number): void {
    const gone: Element[] = [];
    for (let i = first; i < end; i++) {
      const id = holding.blocked[i];
      if (id == null) continue;
      holding.blocked[i] = null;
      const element = this.#elements.get(id)!;
      if (--element.users > 0) continue;
      this.#elements.delete(id);
      gone.push(element);
    }
    if (!this.#needed && this.#elements.size === 0 && !this.#rehearsing) this.#remove();
    else this.#change(gone, "delete");
  }

  /**
   * Goes through the blocking of addresses and blocks none: the first that a takeover needs would take a millisecond
   * otherwise. A kernel that was not asked yet is not asked for this either.
   */
  rehearse(holding: Holding): void {
    const standing = this.#standing;
    this.#standing = { name: NOBODYS, ownership: "owned" };
    this.#rehearsing = true;
    this.block(holding, 0, holding.bytes.length);
    this.unblock(holding, 0, holding.bytes.length);
    this.#rehearsing = false;
    this.#standing = standing;
  }

  /** Takes everything away; the kernel goes on freeing it for some 10 ms after that. */
  clear(): void {
    this.#remove();
    this.#elements.clear();
  }

  /** Takes everything away, and waits until the kernel has freed it. */
  close(): void {
    this.clear();
    this.#client?.close();
    this.#client = null;
  }

  #change(elements: readonly Element[], command: "add" | "delete"): void {
    if (elements.length === 0 || this.#refused) return;
    if (this.#standing === null) return this.#build();
    const { name } = this.#standing;
    const batch = this.#batch(elements.length);
    writeGroups(batch, name, elements, command);
    if (this.#send(batch).result === 0 || this.#rehearsing) return;
    // Somebody has flushed a shared table, or part of it.
    this.#build();
  }

  /** Makes the table with all that is wanted, in the place of the one that stands: in one step. */
  #build(): void {
    const old = this.#standing;
    let replaced = old;
    let number = 1;
    while (number <= NAMES) {
      const name = number === 1 ? this.#config.table : `${this.#config.table}_${number}`;
      const batch = this.#batch(this.#elements.size);
      if (replaced !== null) writeDeleteTable(batch, replaced.name);
      ruleset(batch, name, this.#config, this.#ownership);
      writeGroups(batch, name, [...this.#elements.values()], "add");
      const { result, message, text } = this.#send(batch);
      const made = NEW_TABLE + (replaced === null ? 0 : 1);
      if (result === 0) return this.#stands({ name, ownership: this.#ownership }, number);
      const errno = -result;
      if (replaced !== null && message === NEW_TABLE && errno === ERRNO.ENOENT) replaced = null;
      else if (message === made && (errno === ERRNO.EEXIST || errno === ERRNO.EPERM)) number++;
      else if (message === made && this.#ownership !== "shared" && unknownFlag(errno)) {
        this.#ownership = "shared";
      } else return this.#refuse(errno, text);
    }
    this.#refuse(ERRNO.EEXIST, "");
  }

  #stands(standing: Standing, number: number): void {
    const before = this.#standing;
    this.#standing = standing;
    const { name, ownership } = standing;
    if (number > 1 && name !== before?.name) {
      const text =
        `the nftables table inet ${this.#config.table} is another's, so inet ${name} drops the packets ` +
        "of no_accept; give this daemon a name of its own with nftables NAME";
      this.#report.log("warning", null, text);
    }
    this.#report.post({ type: "table", name: ownership === "owned" ? null : name });
  }

  #remove(): void {
    if (this.#standing === null) return;
    const batch = this.#batch(0);
    writeDeleteTable(batch, this.#standing.name);
    const { result, text } = this.#send(batch);
    const { name } = this.#standing;
    this.#standing = null;
    if (result === 0 || result === -ERRNO.ENOENT) return this.#report.post({ type: "table", name: null });
    const said = `the nftables table inet ${name} cannot be removed (${why(-result, text)})`;
    this.#report.log("error", null, `${said}; run nft delete table inet ${name}`);
  }

  #refuse(errno: number, text: string): void {
    this.#refused = true;
    const cure = errno === ERRNO.EPERM || errno === ERRNO.EACCES
      ? "run as root or grant CAP_NET_ADMIN"
      : "load the module nf_tables, or use a kernel with CONFIG_NF_TABLES_INET";
    const said =
      `nftables cannot be used (${why(errno, text)}), so the addresses of no_accept and strict mode ` +
      `answer as others do; ${cure}, then reload`;
    this.#report.log("warning", null, said);
  }

  /** The key of a link-local address names its interface as well. */
  #setKey(element: Element): void {
    if (element.set !== SETS.link) return;
    const { address, interface: name, ifindex } = element;
    element.key = setKey(address, this.#config.byIndex ? ifindex : name);
  }

  #batch(elements: number): MessageBuilder {
    const bytes = RULESET_BYTES + (elements + 1) * ELEMENT_BYTES +
      (Math.ceil(elements / ELEMENTS) + SETS.count) * MESSAGE_BYTES;
    if (bytes > this.#memory.bytes.length) this.#memory = new Memory(bytes);
    const b = new MessageBuilder(this.#memory);
    writeBatch(b, "begin");
    return b;
  }

  #send(batch: MessageBuilder): BatchResult {
    const end = writeBatch(batch, "end");
    if (end < 0) return { result: -ERRNO.EMSGSIZE, message: 0, text: "" };
    if (this.#rehearsing && this.#client === null) return { result: 0, message: 0, text: "" };
    try {
      this.#client ??= this.#open();
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      return { result: -error.errno, message: 0, text: "" };
    }
    return this.#client.send(this.#memory, end);
  }
}

/** Whether an error may mean that the kernel does not know the flag of an ownership. */
function unknownFlag(errno: number): boolean {
  return errno === ERRNO.EINVAL || errno === ERRNO.EOPNOTSUPP;
}

function why(errno: number, text: string): string {
  return text === "" ? errnoName(errno) : `${errnoName(errno)}, ${text}`;
}

/** Writes the messages for elements of any sets. */
function writeGroups(
  b: MessageBuilder,
  table: string,
  elements: readonly Element[],
  command: "add" | "delete",
): void {
  for (let set = 0; set < SETS.count; set++) {
    const keys = elements.filter((element) => element.set === set).map(({ key }) => key);
    for (let at = 0; at < keys.length; at += ELEMENTS) {
      writeElements(b, table, SETS.names[set]!, keys.slice(at, at + ELEMENTS), command);
    }
  }
}
