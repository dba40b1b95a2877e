// Which notify scripts run on an event, in which order and with which arguments.
import type { Command } from "../command.ts";

/** The notify scripts of an instance or a sync group; null where none is configured. */
export interface NotifyConfig {
  any: Command | null;
  master: Command | null;
  backup: Command | null;
  fault: Command | null;
  stop: Command | null;
  deleted: Command | null;
  masterRxLowerPri: Command | null;
}

/** What an event is about. */
export interface Subject {
  kind: "INSTANCE" | "GROUP";
  name: string;
}

/** Events as scripts, FIFOs and mail hear of them. MASTER_RX_LOWER_PRI: a Master has heard a lower one. */
export type NotifyState = "MASTER" | "BACKUP" | "FAULT" | "STOP" | "DELETED" | "MASTER_RX_LOWER_PRI";

/** A command to run, the keyword it comes from, and the event that it reports. */
export interface NotifyJob extends Command {
  keyword: string;
  state: NotifyState;
}

const SPECIFIC = {
  MASTER: ["master", "notify_master"],
  BACKUP: ["backup", "notify_backup"],
  FAULT: ["fault", "notify_fault"],
  STOP: ["stop", "notify_stop"],
  DELETED: ["deleted", "notify_deleted"],
  MASTER_RX_LOWER_PRI: ["masterRxLowerPri", "notify_master_rx_lower_pri"],
} as const;

/**
 * The jobs of one event: first the script of the event with its configured words only, then the generic one with
 * `INSTANCE NAME STATE PRIORITY` appended (effective priority; 0 for a group). The generic one does not hear of
 * MASTER_RX_LOWER_PRI: that is no new state.
 */
export function jobsFor(
  notify: NotifyConfig,
  subject: Subject,
  state: NotifyState,
  priority: number,
): NotifyJob[] {
  const jobs: NotifyJob[] = [];
  const [key, keyword] = SPECIFIC[state];
  const specific = notify[key];
  if (specific !== null) jobs.push({ ...specific, words: [...specific.words], keyword, state });
  if (notify.any !== null && state !== "MASTER_RX_LOWER_PRI") {
    const words = [...notify.any.words, subject.kind, subject.name, state, String(priority)];
    jobs.push({ words, identity: notify.any.identity, keyword: "notify", state });
  }
  return jobs;
}
