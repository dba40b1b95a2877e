// keepalived's own command line: the same words start baton, test a configuration, write the same pid files.
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { closeDescriptor } from "../../native/descriptor.ts";
import { enterNamespace, openNamespace } from "../../native/namespace.ts";
import { SyslogSocket } from "../../native/syslog.ts";
import { renderDiagnostic } from "../config/diagnostic.ts";
import { yamlParserFor } from "../config/read.ts";
import type { Config } from "../config/model.ts";
import { Daemon, DaemonError } from "../control/daemon.ts";
import { Log } from "../control/log.ts";
import { runtimePaths } from "../control/runtime.ts";
import { SIGNALS } from "../control/signals.ts";
import { ask, isAbsent } from "../control/socket.ts";
import { VERSION } from "../version.ts";
import { type KeepalivedOptions, OPTIONS, parseKeepalived } from "./keepalived_options.ts";
import { ownCommand } from "./self.ts";
import { UsageError } from "./usage.ts";

/** keepalived's default file, and the exit codes of its configuration test. */
const DEFAULT_FILE = "/etc/keepalived/keepalived.conf";
const TEST_CANNOT_RUN = 4;
const TEST_WOULD_RUN = 5;
const TEST_INSECURE = 6;
/** Where keepalived keeps its pid files. */
const PID_DIRECTORY = "/run";
/** Where `ip netns` keeps its namespaces. */
const NAMESPACES = "/run/netns";
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
  if (options.signum !== undefined) return printSignal(options.signum);
  if (options.umask !== null) process.umask(options.umask);
  if (options.namespace !== undefined) enter(options.namespace);
  if (options.test) return await test(options);
  const pidFiles = pidFilesOf(options);
  const paths = runtimePaths({ pid: pidFiles.parent });
  if (!options.foreground) return await startInBackground(args, paths.socket);
  const log = new Log({
    format: "text",
    console: options.logConsole,
    syslog: options.noSyslog ? null : syslog(options.facility),
    detail: options.detail,
  });
  const file = options.file ?? DEFAULT_FILE;
  const daemon = new Daemon({
    file,
    yaml: await yamlParserFor(file),
    configId: options.configId,
    paths,
    extraPidFiles: [pidFiles.vrrp],
    status: null,
  }, log);
  if (options.dump) log.write("info", `configuration in force: ${dump(daemon)}`);
  try {
    return await daemon.run();
  } catch (error) {
    if (!(error instanceof DaemonError && error.alreadyRuns)) throw error;
    // No failure for keepalived.
    log.write("info", "daemon is already running");
    log.write("info", error.message);
    return 0;
  }
}

/** The pid files of keepalived's parent and of its VRRP process: here they are of one process. */
function pidFilesOf({ pid, vrrpPid, namespace }: KeepalivedOptions): { parent: string; vrrp: string } {
  const stem = (name: string) =>
    namespace === undefined
      ? `${PID_DIRECTORY}/${name}.pid`
      : `${PID_DIRECTORY}/keepalived/${name}_${namespace}.pid`;
  return { parent: pid ?? stem("keepalived"), vrrp: vrrpPid ?? stem("vrrp") };
}

/** Moves this thread, and all that it starts, into a namespace of `ip netns`. */
function enter(name: string): void {
  const fd = openNamespace(`${NAMESPACES}/${name}`);
  enterNamespace(fd);
  closeDescriptor(fd);
}

/** --signum: for scripts that send signals. */
function printSignal(name: string): number {
  const found = Object.entries(SIGNALS).find(([known]) => known === name);
  if (found === undefined) {
    process.stderr.write(
      `Unknown sigfunc ${name}: the names are ${Object.keys(SIGNALS).join(", ")}\n`,
    );
    return 1;
  }
  process.stdout.write(`${found[1]}\n`);
  return 0;
}

/**
 * -t: findings on stderr or in a file; 0 clean, 4 cannot run with it, 5 would run after leaving something out, 6
 * runs scripts without enable_script_security, which keepalived puts before 5. What is only not in effect here yet
 * is printed but leaves 0: keepalived finds nothing wrong with it.
 */
async function test(options: KeepalivedOptions): Promise<number> {
  const { loadConfig } = await import("../config/load.ts");
  const { config, diagnostics } = loadConfig(options.file ?? DEFAULT_FILE, {
    hostName: hostname(),
    ...(options.configId === undefined ? {} : { configId: options.configId }),
  });
  const lines = diagnostics.map((d) => renderDiagnostic(d, false).trimEnd());
  const insecure = config !== null && !config.global.enableScriptSecurity && runsPrograms(config);
  if (insecure) {
    lines.push("SECURITY VIOLATION - scripts are being executed but script_security not enabled.");
  }
  const text = lines.map((line) => `${line}\n`).join("");
  if (options.testLog === null) process.stderr.write(text);
  else writeFileSync(options.testLog, text);
  if (config === null) return TEST_CANNOT_RUN;
  if (insecure) return TEST_INSECURE;
  return diagnostics.some((d) => d.later !== true) ? TEST_WOULD_RUN : 0;
}

function runsPrograms({ scripts, instances }: Config): boolean {
  return scripts.length > 0 ||
    instances.some(({ notify }) =>
      Object.values(notify).some((value) => typeof value === "object" && value !== null && "words" in value)
    );
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

function syslog(facility: number | null): SyslogSocket | null {
  try {
    return new SyslogSocket("Keepalived_vrrp", undefined, facility ?? undefined);
  } catch {
    return null;
  }
}

/** The configuration in force as JSON, without secrets. */
function dump(daemon: Daemon): string {
  return JSON.stringify(
    daemon.config,
    (key, value) => key === "password" || key === "secret" ? "********" : value,
  );
}

function help(): string {
  const lines = OPTIONS.filter((o) => o.effect).map((o) => {
    const names = [o.short === null ? "" : `-${o.short}`, `--${o.long}`].filter((n) => n !== "").join(", ");
    return `  ${`${names}${o.argument === "none" ? "" : " ARG"}`.padEnd(28)}${o.help}`;
  });
  return ["baton called as keepalived takes these of its options:", "", ...lines].join("\n");
}
