// Notifications to the model: FIFOs, mail, the daemon's own scripts, and whom an instance tells.
import { userInfo } from "node:os";
import { bad, type Context } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { FifoConfig, MailConfig, NotificationConfig, NotifyConfig, OnceConfig } from "./model.ts";
import { warnOfEmpty } from "./empty.ts";
import { warnOfNumbers } from "./scripts.ts";
import type { Settings } from "./settings.ts";
import { parseInteger } from "./values.ts";

/** What an instance takes from global_defs when it says nothing itself. */
export interface NotifyDefaults {
  mail: boolean;
  /** There is a mail server, and a recipient. */
  canMail: boolean;
  priorityChanges: boolean;
}

const SECOND_US = 1_000_000;

/** Reads what global_defs says about notifications. */
export function readNotifications(
  decoding: Decoding,
  settings: Settings,
  hostName: string,
): { notifications: NotificationConfig; defaults: NotifyDefaults } {
  const once = (name: string): OnceConfig | null => {
    const command = settings.command(name)?.command;
    if (command === undefined) return null;
    if (command.identity !== null) warnOfNumbers(decoding, command.identity, settings.span(name)!);
    return { command, timeoutUs: settings.number(`${name}_timeout`) ?? 10 * SECOND_US };
  };
  const notifications: NotificationConfig = {
    fifos: readFifos(decoding, settings),
    statesOnReload: settings.boolean("fifo_write_vrrp_states_on_reload") ?? false,
    startup: once("startup_script"),
    shutdown: once("shutdown_script"),
    mail: readMail(decoding, settings, hostName),
  };
  const canMail = notifications.mail !== null;
  checkAlert(decoding, settings, ["smtp_alert", "smtp_alert_vrrp"], canMail);
  const defaults = {
    canMail,
    mail: settings.boolean("smtp_alert_vrrp") ?? settings.boolean("smtp_alert") ?? false,
    priorityChanges: settings.boolean("vrrp_notify_priority_changes") ?? false,
  };
  return { notifications, defaults };
}

/** Whom an instance or a sync group tells. */
export function readNotify(context: Context, settings: Settings, defaults: NotifyDefaults): NotifyConfig {
  checkAlert(context, settings, ["smtp_alert"], defaults.canMail);
  const command = (name: string) => settings.command(name)?.command ?? null;
  return {
    any: command("notify"),
    master: command("notify_master"),
    backup: command("notify_backup"),
    fault: command("notify_fault"),
    stop: command("notify_stop"),
    deleted: command("notify_deleted"),
    masterRxLowerPri: command("notify_master_rx_lower_pri"),
    reportsDeleted: settings.has("notify_deleted"),
    priorityChanges: settings.boolean("notify_priority_changes") ?? defaults.priorityChanges,
    mail: settings.boolean("smtp_alert") ?? defaults.mail,
  };
}

/** Warns of a block that asks for mail which nobody would carry or get. */
function checkAlert(context: Context, settings: Settings, names: string[], canMail: boolean): void {
  if (canMail) return;
  for (const name of names) {
    const where = settings.keywordSpan(name);
    if (settings.boolean(name) !== true || where === null) continue;
    const what = `${name} sends no mail without smtp_server and notification_email`;
    context.report.warning(where, `${what}; add both to global_defs`);
  }
}

function readFifos(decoding: Decoding, settings: Settings): FifoConfig[] {
  const fifos: FifoConfig[] = [];
  for (const keyword of ["notify_fifo", "vrrp_notify_fifo"] as const) {
    const name = `${keyword}_script`;
    const script = settings.command(name)?.command ?? null;
    const [path, user, group] = settings.words(keyword) ?? [];
    if (path === undefined) {
      const where = settings.keywordSpan(name);
      if (where === null || settings.has(keyword)) continue;
      decoding.report.warning(
        where,
        `${name} has no FIFO to read, so it is not started; add ${keyword} PATH`,
      );
    } else if (!path.value.startsWith("/")) {
      bad(
        decoding,
        path.span,
        `${keyword} "${path.value}" is no full path`,
        "it is ignored",
        "begin it with /",
      );
    } else if (fifos.some((other) => other.path === path.value)) {
      const what = `${path.value} is named by notify_fifo already`;
      bad(decoding, path.span, what, "it gets each line once", "delete one, or name another path");
    } else {
      if (user !== undefined) decoding.places.note("user", user.value, user.span);
      if (group !== undefined) decoding.places.note("group", group.value, group.span);
      const owner = user === undefined ? null : { user: user.value, group: group?.value ?? null };
      fifos.push({ keyword, path: path.value, owner, script });
    }
  }
  return fifos;
}

function readMail(decoding: Decoding, settings: Settings, hostName: string): MailConfig | null {
  const tls = (settings.text("smtp_tls") ?? "off") as MailConfig["tls"];
  const user = settings.text("smtp_user");
  const password = settings.text("smtp_password");
  if ((user === undefined) !== (password === undefined)) {
    const given = user === undefined ? "smtp_password" : "smtp_user";
    const missing = user === undefined ? "smtp_user" : "smtp_password";
    const where = settings.keywordSpan(given);
    if (where !== null) {
      bad(decoding, where, `${given} needs ${missing}`, "there is no login", `add ${missing}`);
    }
  }
  const login = user === undefined || password === undefined ? null : { user, password };
  const where = settings.keywordSpan("smtp_password");
  if (login !== null && tls === "off" && where !== null) {
    decoding.report.warning(where, "smtp_password crosses the network in clear text; add smtp_tls starttls");
  }
  const [host, portWord] = settings.words("smtp_server") ?? [];
  const to = settings.entries("notification_email").flatMap(({ words }) => words.map(({ value }) => value));
  warnOfEmpty(decoding, settings, "notification_email");
  let port = tls === "implicit" ? 465 : 25;
  if (portWord !== undefined) {
    const given = parseInteger(portWord.value);
    if (given !== undefined && given >= 1 && given <= 65_535) port = given;
    else {
      const what = `smtp_server has no port ${portWord.value}`;
      bad(decoding, portWord.span, what, `${port} is used`, "write a number from 1 to 65535");
    }
  }
  const timeoutUs = readTimeout(decoding, settings);
  if (host !== undefined) decoding.places.note("host", host.value, host.span);
  if (host === undefined || to.length === 0) return null;
  return {
    host: host.value,
    port,
    helo: settings.text("smtp_helo_name") ?? hostName,
    from: settings.text("notification_email_from") ?? `${userName()}@${hostName}`,
    to,
    timeoutUs,
    tls,
    tlsVerify: settings.boolean("smtp_tls_verify") ?? true,
    tlsCaFile: settings.text("smtp_tls_ca") ?? null,
    login,
    faults: settings.boolean("no_email_faults") !== true,
  };
}

function readTimeout(decoding: Decoding, settings: Settings): number {
  const timeoutUs = settings.number("smtp_connect_timeout") ?? 30 * SECOND_US;
  const span = settings.span("smtp_connect_timeout");
  if (timeoutUs > 0 || span === null) return timeoutUs;
  if (decoding.syntax === "conf") {
    decoding.report.warning(span, "smtp_connect_timeout 0 leaves no time, so 1 is used; write 1 or more");
  }
  return SECOND_US;
}

/** Who runs the daemon; a machine without accounts has at least root. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "root";
  }
}
