// keepalived's own command line: the same words start baton, test a configuration, write the same pid files.
import { hostname } from "node:os";
import { SyslogSocket } from "../../native/syslog.ts";
import { renderDiagnostic } from "../config/diagnostic.ts";
import { yamlParserFor } from "../config/read.ts";
import { Daemon } from "../control/daemon.ts";
import { Log } from "../control/log.ts";
import { runtimePaths } from "../control/runtime.ts";
import { ask, isAbsent } from "../control/socket.ts";
import { VERSION } from "../version.ts";
import { type KeepalivedOptions, OPTIONS, parseKeepalived } from "./keepalived_options.ts";
import { ownCommand } from "./self.ts";
import { UsageError } from "./usage.ts";

/** keepalived's default file, and the exit codes of its configuration test. */
const DEFAULT_FILE = "/etc/keepalived/keepalived.conf";
const TEST_CANNOT_RUN = 4;
const TEST_WOULD_RUN = 5;
const POLL_MS = 20;

/** Runs what keepalived would. Resolves with the exit code. */
export async function keepalived(args: string[]): Promise<number> {
  let options: KeepalivedOptions;
  try {
    options = parseKeepalived(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // keepalived ends with 1 on an unknown option.
    process.stderr.write(`keepalived: ${error.message}\n`);
    return 1;
  }
  for (const text of options.remarks) process.stderr.write(`keepalived: ${text}\n`);
  if (options.help) {
    process.stdout.write(help() + "\n");
    return 0;
  }
  if (options.version) {
    process.stderr.write(`baton ${VERSION}, called as keepalived\n`);
    return 0;
  }
  if (options.test) return await test(options);
  const paths = runtimePaths({ pid: options.pid });
  if (!options.foreground) return await startInBackground(args, paths.socket);
  const log = new Log({
    format: "text",
    console: options.logConsole,
    syslog: syslog(),
    detail: options.detail,
  });
  const file = options.file ?? DEFAULT_FILE;
  const daemon = new Daemon({
    file,
    yaml: await yamlParserFor(file),
    configId: options.configId,
    paths,
    extraPidFiles: options.vrrpPid === undefined ? [] : [options.vrrpPid],
    status: null,
  }, log);
  if (options.dump) log.write("info", `configuration in force: ${dump(daemon)}`);
  return await daemon.run();
}

/**
 * -t: findings on stderr; 0 clean, 4 cannot run with it, 5 would run after leaving something out. What is only
 * not in effect here yet is printed but leaves 0: keepalived finds nothing wrong with it.
 */
async function test(options: KeepalivedOptions): Promise<number> {
  const { loadConfig } = await import("../config/load.ts");
  const { config, diagnostics } = loadConfig(options.file ?? DEFAULT_FILE, {
    hostName: hostname(),
    ...(options.configId === undefined ? {} : { configId: options.configId }),
  });
  for (const d of diagnostics) process.stderr.write(renderDiagnostic(d, false).trimEnd() + "\n");
  if (config === null) return TEST_CANNOT_RUN;
  return diagnostics.some((d) => d.later !== true) ? TEST_WOULD_RUN : 0;
}

/**
 * Without -n keepalived goes into the background: the same command line again, detached, with -n. Returns once
 * that daemon answers, or with its exit code when it does not start.
 */
async function startInBackground(args: string[], socket: string): Promise<number> {
  const child = Bun.spawn([...ownCommand(), "--dont-fork", ...args], {
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
  });
  let exitCode: number | null = null;
  void child.exited.then((code) => exitCode = code);
  while (exitCode === null) {
    try {
      const answer = await ask(socket, "ping") as { pid?: number };
      if (answer.pid === child.pid) {
        child.unref();
        return 0;
      }
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
    await Bun.sleep(POLL_MS);
  }
  return exitCode;
}

function syslog(): SyslogSocket | null {
  try {
    return new SyslogSocket("Keepalived_vrrp");
  } catch {
    return null;
  }
}

/** The configuration in force as JSON, without secrets. */
function dump(daemon: Daemon): string {
  return JSON.stringify(daemon.config, (key, value) => key === "password" ? "********" : value);
}

function help(): string {
  const lines = OPTIONS.filter((o) => o.effect).map((o) => {
    const names = [o.short === null ? "" : `-${o.short}`, `--${o.long}`].filter((n) => n !== "").join(", ");
    return `  ${`${names}${o.argument === "none" ? "" : " ARG"}`.padEnd(28)}${o.help}`;
  });
  return ["baton called as keepalived takes these of its options:", "", ...lines].join("\n");
}
