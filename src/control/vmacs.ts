// VMACs that the engine has no use for any more are deleted here: the kernel takes tens of milliseconds for it, in
// which the engine's thread would send no advert.
import { SyscallError } from "../../native/errno.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import type { LinkInfo } from "../../native/netlink/link.ts";
import { macBytes } from "../config/vmac.ts";
import { sameBytes } from "../engine/links.ts";
import { deleteVmacs } from "../engine/macvlan.ts";
import { VMAC_MARK } from "../engine/vmac_settings.ts";
import type { LeavingVmac } from "../messages.ts";

/** Deleted at once: meanwhile the kernel keeps every other command of the network configuration waiting. */
const AT_ONCE = 16;
/** Time for those commands. */
const PAUSE_MS = 20;

/** Who hears of the deletions. */
export interface DeletionReport {
  /** The kernel is kept busy from now on, or is free again. */
  busy(busy: boolean): void;
  /** These may still be there; `error`: a clause why. */
  stay(vmacs: readonly LeavingVmac[], error: string): void;
}

/** Deletes interfaces, a few at a time. The engine hears of their end from the kernel. */
export class VmacDeletions {
  readonly #report: DeletionReport;
  readonly #open: () => RouteClient;
  /** None is open in a daemon that deletes nothing. */
  #client: RouteClient | null = null;
  #waiting: LeavingVmac[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** `open` makes the socket for the commands. */
  constructor(report: DeletionReport, open: () => RouteClient = () => new RouteClient()) {
    this.#report = report;
    this.#open = open;
  }

  /** Deletes these, now or soon. */
  delete(vmacs: readonly LeavingVmac[]): void {
    this.#waiting.push(...vmacs);
    if (this.#timer === null) this.#next();
  }

  /** Deletes nothing any more: the engine takes away what is left. */
  stop(): void {
    this.#waiting = [];
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#end();
  }

  #next(): void {
    const some = this.#waiting.splice(0, AT_ONCE);
    this.#report.busy(true);
    try {
      this.#client ??= this.#open();
      this.#delete(this.#client, some);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      this.#report.stay(some, error.message);
    } finally {
      this.#report.busy(false);
    }
    if (this.#waiting.length === 0) return this.#end();
    this.#timer = setTimeout(() => this.#next(), PAUSE_MS);
  }

  #end(): void {
    this.#timer = null;
    this.#client?.close();
    this.#client = null;
  }

  #delete(client: RouteClient, vmacs: readonly LeavingVmac[]): void {
    const ours: number[] = [];
    const others: LeavingVmac[] = [];
    for (const vmac of vmacs) {
      const link = client.linkAt(vmac.ifindex);
      if (link === null) continue;
      // The index may be another interface's by now; a name or a remark may have been changed, but hardly both.
      const same = isOfItsKind(link, vmac) && (link.name === vmac.name || link.alias === VMAC_MARK);
      if (same) ours.push(vmac.ifindex);
      else others.push(vmac);
    }
    deleteVmacs(client, ours);
    if (others.length > 0) {
      this.#report.stay(
        others,
        "another program has changed its MAC address, or made another interface of it",
      );
    }
  }
}

/** An ipvlan has no MAC address of its own. */
function isOfItsKind({ kind, mac }: LinkInfo, vmac: LeavingVmac): boolean {
  return vmac.mac === "" ? kind === "ipvlan" : kind === "macvlan" && sameBytes(mac, macBytes(vmac.mac));
}
