// Which notify scripts run on a state change, in which order and with which arguments.

/** A user and group as the configuration names them. */
export interface ScriptIdentity {
  user: string;
  group: string | null;
}

/** A program with its arguments, as configured. */
export interface Command {
  words: string[];
  identity: ScriptIdentity | null;
}

/** The notify scripts of an instance; null where none is configured. */
export interface NotifyConfig {
  any: Command | null;
  master: Command | null;
  backup: Command | null;
  fault: Command | null;
  stop: Command | null;
}

/** States as notify scripts hear of them. */
export type NotifyState = "MASTER" | "BACKUP" | "FAULT" | "STOP";

/** A command to run, the keyword it comes from, and the state that it reports. */
export interface NotifyJob extends Command {
  keyword: string;
  state: NotifyState;
}

/**
 * The jobs of one event: first the script of the state with its configured words only, then the generic one
 * with `INSTANCE NAME STATE PRIORITY` appended (effective priority), or GROUP and 0 for a sync group.
 */
export function jobsFor(
  notify: NotifyConfig,
  name: string,
  state: NotifyState,
  priority: number,
  kind: "INSTANCE" | "GROUP" = "INSTANCE",
): NotifyJob[] {
  const jobs: NotifyJob[] = [];
  const key = state.toLowerCase() as Lowercase<NotifyState>;
  const specific = notify[key];
  if (specific !== null) {
    jobs.push({ ...specific, words: [...specific.words], keyword: `notify_${key}`, state });
  }
  if (notify.any !== null) {
    const words = [...notify.any.words, kind, name, state, String(priority)];
    jobs.push({ words, identity: notify.any.identity, keyword: "notify", state });
  }
  return jobs;
}
