// The status as text for people: `baton status`, and `/` for curl.
import type { AddressStatus, RouteStatus } from "./kept.ts";
import type { InstanceStatus, Status, TrackerStatus } from "./snapshot.ts";
import { bfdLines } from "./bfd.ts";

export interface TextOptions {
  /** Use terminal colours. */
  color: boolean;
  /** The time that durations are counted to, in ms since 1970. Default: now. */
  nowMs?: number;
}

const HEADINGS = ["NAME", "STATE", "SINCE", "INTERFACE", "VRID", "VERSION", "PRIORITY", "MASTER"];
const STATE_COLUMN = HEADINGS.indexOf("STATE");
const GAP = "  ";
const INDENT = "    ";

/** SGR parameters (ECMA-48). */
const STATE_COLORS: Record<InstanceStatus["state"], string> = {
  MASTER: "1;32",
  BACKUP: "36",
  FAULT: "1;31",
  INIT: "33",
};
const DIM = "2";
const RED = "31";

/** A table with one row for each instance, and below each row its reason, addresses and failing trackers. */
export function renderTable(status: Status, options: TextOptions): string {
  const paint = (code: string, text: string): string => options.color ? `\x1b[${code}m${text}\x1b[0m` : text;
  const nowMs = options.nowMs ?? Date.now();
  const { daemon, instances } = status;
  const title = `baton ${daemon.version}, pid ${daemon.pid}, up ${
    duration(daemon.uptime_s)
  }, ${daemon.config}`;
  const lines = [printable(title), ""];
  if (instances.length === 0) {
    return [...lines, "no instance is configured", ...otherLines(status), ""].join("\n");
  }
  const rows = instances.map((instance) => cells(instance, nowMs).map(printable));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => Bun.stringWidth(row[column] ?? "")))
  );
  const layOut = (row: string[], stateCode: string | null): string =>
    row.map((cell, column) => {
      const padding = " ".repeat(Math.max(0, (widths[column] ?? 0) - Bun.stringWidth(cell)));
      return (column === STATE_COLUMN && stateCode !== null ? paint(stateCode, cell) : cell) + padding;
    }).join(GAP).trimEnd();
  lines.push(paint(DIM, layOut(HEADINGS, null)));
  instances.forEach((instance, index) => {
    lines.push(layOut(rows[index] ?? [], STATE_COLORS[instance.state]));
    lines.push(...details(instance, paint));
  });
  for (const { name, state, members } of status.groups) {
    const text = printable(`sync group ${name}: ${members.join(", ")}`);
    lines.push(`${text} ${paint(STATE_COLORS[state], state)}`);
  }
  return [...lines, ...otherLines(status), ""].join("\n");
}

/** What belongs to no instance. */
function otherLines(status: Status): string[] {
  const sessions = bfdLines(status.bfd).map(printable);
  return [...staticLines(status), ...(sessions.length === 0 ? [] : ["", ...sessions])];
}

function staticLines({ statics: { addresses, routes } }: Status): string[] {
  if (addresses.length + routes.length === 0) return [];
  const texts = [
    ...labelled("addresses", addresses.map(addressLine)),
    ...labelled("routes", routes.map(routeLine)),
  ];
  return ["static", ...texts];
}

/** Lines of one kind, of which the first has a label. */
function labelled(label: string, texts: readonly string[]): string[] {
  return texts.map((text, index) => `${INDENT}${(index === 0 ? label : "").padEnd(9)}  ${printable(text)}`);
}

function cells(instance: InstanceStatus, nowMs: number): string[] {
  const { base, effective } = instance.priority;
  const forS = Math.max(0, Math.floor((nowMs - Date.parse(instance.since)) / 1000));
  return [
    instance.name,
    instance.state,
    `${instance.since.slice(0, 19)}Z (${duration(forS)})`,
    instance.interface,
    String(instance.vrid),
    `v${instance.vrrp_version} ${instance.family}`,
    effective === base ? String(base) : `${effective} (base ${base})`,
    masterCell(instance),
  ];
}

function masterCell(instance: InstanceStatus): string {
  if (instance.master === null) return "-";
  return instance.state === "MASTER"
    ? "this router"
    : `${instance.master.address} (${instance.master.priority})`;
}

function details(instance: InstanceStatus, paint: (code: string, text: string) => string): string[] {
  const lines: string[] = [];
  if (instance.reason !== "") lines.push(`${INDENT}reason     ${printable(instance.reason)}`);
  if (instance.sync_group !== null) lines.push(`${INDENT}group      ${printable(instance.sync_group)}`);
  lines.push(...labelled("addresses", instance.addresses.map(addressLine)));
  lines.push(...labelled("routes", instance.routes.map(routeLine)));
  for (const entry of instance.trackers) {
    if (entry.ok === true) continue;
    const text = printable(trackerLine(entry));
    lines.push(`${INDENT}tracker    ${entry.ok === null ? text : paint(RED, text)}`);
  }
  return lines;
}

function addressLine(entry: AddressStatus): string {
  return `${entry.held ? "*" : " "} ${entry.address} on ${entry.interface}${entry.held ? " (held)" : ""}`;
}

function routeLine({ kind, text, held }: RouteStatus): string {
  return `${held ? "*" : " "} ${kind === "rule" ? "rule " : ""}${text}${held ? " (there)" : ""}`;
}

function trackerLine(entry: TrackerStatus): string {
  const effect = entry.weight === 0 ? "FAULT while it fails" : `weight ${entry.weight}`;
  return `${entry.kind} ${entry.name} ${entry.ok === null ? "has no result yet" : "fails"} (${effect})`;
}

/** Whole seconds as `3d 4h`, `2h 5m`, `7m 1s` or `12s`: the two largest units. */
export function duration(seconds: number): string {
  const units: [string, number][] = [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];
  let rest = Math.max(0, Math.floor(seconds));
  const first = Math.max(0, units.findIndex(([, size]) => rest >= size));
  if (rest === 0) return "0s";
  return units.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return `${count}${unit}`;
  }).join(" ");
}

/** Names come from a file: control characters must not reach a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
