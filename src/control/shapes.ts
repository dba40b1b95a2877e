// keepalived's log lines around a transition, for people and alarms that look for them.
import type { State } from "../messages.ts";
import type { Cause } from "../vrrp/reason.ts";

/** A line about an instance; one that begins with a colon comes right behind its name. */
export interface Line {
  /** Only with -D. */
  detail: boolean;
  text: string;
}

/** A transition. `first`: the instance has had no state before. */
export interface Transition {
  from: State;
  to: State;
  cause: Cause;
  first: boolean;
}

/** What keepalived says before it says which state is entered. */
export function linesBefore({ from, to, cause, first }: Transition): Line[] {
  if (to === "FAULT" && first) return [...faultAtStart(cause).map(info), info("entering FAULT state")];
  switch (cause.kind) {
    case "timeout":
      return to === "MASTER" ? [detail("Receive advertisement timeout")] : [];
    case "resigned":
      return [detail("Backup received priority 0 advertisement")];
    case "preempted":
      return [info(`received lower priority (${cause.theirs}) advert from ${cause.from} - discarding`)];
    case "higher_priority": {
      const { from: sender, theirs, ours } = cause;
      if (from !== "MASTER") return [];
      return [info(`Master received advert from ${sender} with higher priority ${theirs}, ours ${ours}`)];
    }
    case "higher_address": {
      const { from: sender, priority } = cause;
      if (from !== "MASTER") return [];
      const what = `same priority ${priority} but higher IP address than ours`;
      return [info(`Master received advert from ${sender} with ${what}`)];
    }
    default:
      return [];
  }
}

/** What keepalived says after it. `excluded`: there are virtual_ipaddress_excluded. */
export function linesAfter({ from, to }: Transition, excluded: boolean): Line[] {
  if (to === "MASTER" && from !== "MASTER") {
    return [detail("setting VIPs."), ...(excluded ? [detail("setting E-VIPs.")] : [])];
  }
  if (from !== "MASTER" || to === "MASTER") return [];
  return [
    // A Backup has yielded to somebody who is there already.
    ...(to === "BACKUP" ? [] : [detail("sent 0 priority")]),
    detail("removing VIPs."),
    ...(excluded ? [detail("removing E-VIPs.")] : []),
  ];
}

/** The master that a Backup follows: it is another one now. */
export function masterLine(before: string | null, now: string): string {
  return before === null ? `master set to ${now}` : `master changed from ${before} to ${now}`;
}

function faultAtStart(cause: Cause): string[] {
  switch (cause.kind) {
    case "interface_down":
    case "interface_missing":
    case "interface_tracked_down":
      return [`: entering FAULT state (interface ${cause.interface} down)`];
    case "script_failed":
      return [`: entering FAULT state due to script ${cause.script}`];
    case "file_status":
      return [`: entering FAULT state (tracked file ${cause.file} has status ${cause.value})`];
    case "process_quorum":
      return [`entering FAULT state (tracked process ${cause.process} quorum not achieved)`];
    case "no_source_address":
      return [`entering FAULT state (no ${cause.family === "ipv4" ? "IPv4" : "IPv6"} address for interface)`];
    case "source_missing":
      return [": entering FAULT state (src address not configured)"];
    default:
      return [];
  }
}

function info(text: string): Line {
  return { detail: false, text };
}

function detail(text: string): Line {
  return { detail: true, text };
}
