// What one file allows and keepalived runs, but that will not do what people want. Always warnings, and only for
// `baton check`: a daemon that starts has been told already.
import { type Diagnostic, Report } from "./diagnostic.ts";
import type { PlacedInstance } from "./placed.ts";
import type { Placed } from "./read.ts";
import type { Settings } from "./settings.ts";
import { clamped, range, weighted, weightedEntry } from "./weights.ts";

/** keepalived's default, and what most people give the other router. */
const USUAL_PRIORITY = 100;
const OWNER = 255;
const SECOND_US = 1_000_000;

/** Passwords that every manual prints; compared in lower case. */
const WELL_KNOWN = new Set([
  "1111",
  "1234",
  "12345",
  "123456",
  "12345678",
  "0000",
  "password",
  "passw0rd",
  "pass",
  "secret",
  "admin",
  "changeme",
  "test",
  "keepaliv",
  "vrrp",
]);

/**
 * Warnings about one file. `alone`: no other router's file is at hand, so what depends on it is judged by the
 * usual priority.
 */
export function advise(file: string, placed: Placed, alone: boolean): Diagnostic[] {
  const report = new Report(file);
  adviseRouterId(report, placed);
  for (const { settings, script } of placed.scripts) adviseScript(report, settings, script.name);
  for (const each of placed.instances) {
    adviseAddresses(report, each);
    adviseElection(report, each);
    adviseAuthentication(report, each);
    adviseUnicast(report, each);
    adviseWeights(report, each, alone);
  }
  return report.diagnostics();
}

function adviseRouterId(report: Report, { globals, global, instances }: Placed): void {
  const [first] = instances;
  if (globals.has("router_id") || first === undefined) return;
  const where = globals.order.length === 0 ? first.name : globals.keywordSpan(globals.order[0]!);
  const what =
    `router_id is never set, so logs and mails call this router by its host name, ${global.routerId}`;
  report.warning(where, `${what}; write router_id NAME in global_defs, another one on each router`);
}

function adviseScript(report: Report, settings: Settings, name: string): void {
  const timeoutUs = settings.number("timeout");
  const intervalUs = settings.number("interval") ?? SECOND_US;
  const fall = settings.number("fall") ?? 1;
  if (timeoutUs !== undefined && timeoutUs >= intervalUs * fall) {
    const allowed = `interval ${intervalUs / SECOND_US} s x fall ${fall}`;
    const what = `timeout ${timeoutUs / SECOND_US} s of vrrp_script ${name} is not below ${allowed}`;
    const cure = `write a timeout below ${intervalUs * fall / SECOND_US} s`;
    report.warning(
      settings.span("timeout"),
      `${what}, so a check that hangs is noticed later than a check that fails; ${cure}`,
    );
  }
  const [program, ...rest] = settings.command("script")?.command.words ?? [];
  const shell = rest.find((word) => /^(?:\|\|?|&&?|;|[0-9]*>.*|<.*|.*;)$/.test(word));
  if (program !== undefined && shell !== undefined && !rest.includes("-c")) {
    const what =
      `"${shell}" of vrrp_script ${name} is handed to ${program} as a word, since no shell runs it`;
    report.warning(settings.span("script"), `${what}; write sh -c '...' or put it into a script file`);
  }
}

function adviseAddresses(report: Report, { instance, listed }: PlacedInstance): void {
  const bare = listed.filter(({ word }) => !word.value.includes("/"));
  const [first] = bare;
  if (first === undefined) return;
  const { family, address } = first.value;
  const most = family === "ipv4" ? 32 : 128;
  const shown = `${counted(address, bare.length)} of vrrp_instance ${instance.name}`;
  const what = bare.length === 1
    ? `${shown} has no prefix length, so it becomes /${most}`
    : `${shown} have no prefix length, so each becomes a /${most}`;
  report.warning(first.word.span, `${what}; write that of the network, or /${most} if that is meant`);
}

function adviseElection(report: Report, { instance, settings }: PlacedInstance): void {
  const shown = `vrrp_instance ${instance.name}`;
  if (instance.priority === OWNER && !settings.has("priority")) {
    report.warning(
      settings.keywordSpan("state"),
      `${shown} has state MASTER and no priority, so it has 255, as the owner of its addresses, whom no weight and ` +
        "no fault of a script lowers; write a priority below 255",
    );
  }
}

function adviseAuthentication(report: Report, { instance, settings }: PlacedInstance): void {
  if (instance.authentication === null) return;
  const statement = settings.entries("authentication")
    .find(({ words }) => words[0].value === "auth_pass");
  const word = statement?.words[1];
  if (word === undefined) return;
  const shown = `auth_pass of vrrp_instance ${instance.name}`;
  if (WELL_KNOWN.has(instance.authentication.password.toLowerCase())) {
    const what = `${shown} stands in every manual, so it keeps nobody out`;
    report.warning(word.span, `${what}; write another one of up to 8 characters on all routers`);
  }
  const { source, column, length } = word.span;
  const next = source.text[column - 1 + length];
  if (!word.quoted && (next === "!" || next === "#")) {
    const what = `${shown} ends before ${next}, which begins a comment`;
    report.warning(word.span, `${what}, so the password is shorter than it looks; put it in double quotes`);
  }
}

function adviseUnicast(report: Report, { instance, settings }: PlacedInstance): void {
  const own = instance.sourceAddress;
  if (own === null || !instance.unicastPeers.includes(own)) return;
  const entry = settings.entries("unicast_peer").find(({ words }) => words[0].value.startsWith(own));
  const what =
    `${own} is this router's own address (unicast_src_ip) and a peer of vrrp_instance ${instance.name}`;
  report.warning(
    entry?.words[0].span ?? settings.keywordSpan("unicast_peer"),
    `${what}, so it sends its adverts to itself; list the other routers only`,
  );
}

function adviseWeights(report: Report, placed: PlacedInstance, alone: boolean): void {
  const { instance } = placed;
  const trackers = weighted(instance);
  if (trackers.length === 0) return;
  const { span, name } = weightedEntry(placed);
  const shown = `vrrp_instance ${instance.name}`;
  if (instance.priority === OWNER) {
    const what = `${shown} has priority 255, which no weight changes, so ${name} can never cause a failover`;
    return report.warning(span, `${what}; write a priority below 255`);
  }
  const sum = clamped(instance.priority, trackers);
  if (sum !== null) {
    const what = `the weights lead ${shown} from priority ${instance.priority} to ${sum}`;
    const reached = sum < 1 ? 1 : 254;
    report.warning(span, `${what}, so ${reached} is used; keep priority and weights within 1 to 254`);
  }
  if (!instance.preempt) {
    const what = `${shown} has nopreempt: a Backup with nopreempt ignores adverts of lower priority`;
    return report.warning(
      span,
      `${what}, so if the other routers have it too, the weight of ${name} can never cause a failover; delete ` +
        "nopreempt, or delete the weight, so that a failure means FAULT",
    );
  }
  const { best, worst } = range(instance.priority, trackers);
  const other = range(USUAL_PRIORITY, trackers).best;
  if (!alone || instance.priority <= USUAL_PRIORITY || worst < other) return;
  const what = `when everything that ${shown} tracks fails, its priority falls from ${best} to ${worst}`;
  const against = other === USUAL_PRIORITY ? "" : ` (${other} with its own weights)`;
  report.warning(
    span,
    `${what}, which can never cause a failover to a router of priority ${USUAL_PRIORITY}${against}; use weights that ` +
      "exceed the difference of the priorities, or check both routers' files together",
  );
}

/** The first of several, and how many more there are. */
export function counted(first: string, count: number): string {
  return count === 1 ? first : `${first} and ${count - 1} more`;
}
