// keepalived's log lines around a transition, for people and alarms that look for them.
import type { InstanceConfig } from "../config/model.ts";
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

/** What an instance holds as Master. */
export type Held = Pick<InstanceConfig, "family" | "addresses" | "excludedAddresses" | "routes" | "rules">;

/** What keepalived says after it. */
export function linesAfter({ from, to }: Transition, held: Held): Line[] {
  const { excludedAddresses, routes, rules } = held;
  const parts = (verb: string) => [
    detail(`${verb} VIPs.`),
    ...(excludedAddresses.length > 0 ? [detail(`${verb} E-VIPs.`)] : []),
    ...(routes.length > 0 ? [detail(`${verb} Virtual Routes`)] : []),
    ...(rules.length > 0 ? [detail(`${verb} Virtual Rules`)] : []),
  ];
  if (to === "MASTER" && from !== "MASTER") return [...parts("setting"), ...announcingLines(held)];
  if (from !== "MASTER" || to === "MASTER") return [];
  return [
    // A Backup has yielded to somebody who is there already.
    ...(to === "BACKUP" ? [] : [detail("sent 0 priority")]),
    ...parts("removing"),
  ];
}

/** That a Master announces its addresses. */
export function announcingLines({ addresses, excludedAddresses }: Held): Line[] {
  return [...addresses, ...excludedAddresses].map(({ address, interface: name }) => {
    const what = address.includes(":") ? "Unsolicited Neighbour Adverts" : "gratuitous ARPs";
    return detail(`Sending/queueing ${what} on ${name} for ${address}`);
  });
}

/**
 * The interval that counts for an instance is another one now: its master's, or its own again. Milliseconds, as
 * keepalived has them; null: it is the same.
 */
export function intervalLine(state: State, beforeUs: number, nowUs: number): string | null {
  const [before, now] = [beforeUs / 1000, nowUs / 1000];
  if (before === now) return null;
  return state === "MASTER"
    ? `changing advert interval from ${before}ms to locally configured ${now}ms`
    : `advertisement interval updated from ${before}ms to ${now}ms by master`;
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
    case "no_peers":
      return ["Cannot use unicast without any peers - going to fault state"];
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
