// keepalived's own command line: the same words start baton, test a configuration, write the same pid files.
import { existsSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { SyslogSocket } from "../../native/syslog.ts";
import { renderDiagnostic } from "../config/diagnostic.ts";
import { readConfig, type YamlParser, yamlParserFor } from "../config/read.ts";
import type { DaemonSettings } from "../config/daemon.ts";
import type { Config } from "../config/model.ts";
import { allowCoreDumps } from "../control/core_dumps.ts";
import { Daemon, type Places } from "../control/daemon.ts";
import { DaemonError } from "../control/daemon_error.ts";
import { EngineThread } from "../control/engine.ts";
import { Log } from "../control/log.ts";
import { enterNamed } from "../control/process.ts";
import { runtimePaths } from "../control/runtime.ts";
import { SIGNALS } from "../control/signals.ts";
import { ask } from "../control/socket.ts";
import { isAbsent } from "../status/listening.ts";
import { VERSION } from "../version.ts";
import { type KeepalivedOptions, OPTIONS, parseKeepalived } from "./keepalived_options.ts";
import { print } from "./output.ts";
import { ownCommand } from "./self.ts";
import { UsageError } from "./usage.ts";

/** keepalived's default file, and the exit codes of its configuration test (2.2.7's own where it has two meanings). */
const DEFAULT_FILE = "/etc/keepalived/keepalived.conf";
const TEST_MISSING_PARAMETER = 2;
const TEST_CANNOT_RUN = 4;
const TEST_WOULD_RUN = 5;
const TEST_INSECURE = 6;
const TEST_INCLUDE_MISSING = 6;
/** Of a start without a configuration file. */
const NO_CONFIGURATION = 6;
/** Where keepalived keeps its pid files. */
const PID_DIRECTORY = "/run";
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
    print(help() + "\n");
    return 0;
  }
  if (options.version) {
    process.stderr.write(`baton ${VERSION}, called as keepalived\n`);
    return 0;
  }
  if (options.signum !== undefined) return printSignal(options.signum);
  if (options.test) return await test(options);
  if (options.checkersOnly) {
    // To start nothing would look like a service that runs, to start VRRP might take addresses over.
    process.stderr.write(
      "keepalived: -C asks for the health checkers alone, which baton does not have: " +
        "leave -C out to run VRRP, or start keepalived for the checks\n",
    );
    return 1;
  }
  const file = options.file ?? DEFAULT_FILE;
  if (!options.foreground) {
    return await startInBackground(args, socketOf(options, file, await yamlParserFor(file)));
  }
  const { namespace = null, umask, allIncludes, keep, releaseForeign, watchAddresses, corePattern, noBfd } =
    options;
  // First of all: the engine needs as long to be ready as the configuration to be read.
  const engine = new EngineThread({ keep, releaseForeign, watchAddresses });
  const yaml = await yamlParserFor(file);
  const log = new Log({
    format: "text",
    console: options.logConsole,
    syslog: options.noSyslog ? null : syslog(options.facility),
    detail: options.detail,
  });
  if (options.coreDump) allowCoreDumps(log);
  let daemon: Daemon;
  try {
    daemon = new Daemon({
      engine,
      file,
      yaml,
      configId: options.configId,
      given: { namespace, umask, allIncludes, keep, releaseForeign, watchAddresses, corePattern, noBfd },
      places: (settings) => placesOf(options, settings),
      status: null,
    }, log);
  } catch (error) {
    if (!(error instanceof DaemonError) || existsSync(file)) throw error;
    process.stderr.write(`keepalived: ${error.message}\n`);
    return NO_CONFIGURATION;
  }
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

/** The runtime files, with those of keepalived's parent and of its VRRP and BFD process: here they are of one process. */
function placesOf({ pid, vrrpPid, bfdPid }: KeepalivedOptions, settings: DaemonSettings): Places {
  const { namespace, name, pidDirectory } = settings;
  const own = namespace === null ? "" : `/${namespace}`;
  const directory = namespace === null && name === null && !pidDirectory
    ? PID_DIRECTORY
    : `${PID_DIRECTORY}/keepalived${own}`;
  const path = (process: string) => `${directory}/${process}${name === null ? "" : `_${name}`}.pid`;
  return {
    paths: runtimePaths({ pid: pid ?? path("keepalived") }, name),
    extraPidFiles: [vrrpPid ?? path("vrrp"), ...(bfdPid === undefined ? [] : [bfdPid])],
  };
}

/** Where the daemon that starts in the background will answer. */
function socketOf(options: KeepalivedOptions, file: string, yaml: YamlParser | null): string {
  const { configId } = options;
  const read = readConfig(
    file,
    { hostName: hostname(), ...(configId === undefined ? {} : { configId }) },
    yaml,
  );
  const namespace = options.namespace ?? read.config?.daemon.namespace ?? null;
  if (namespace !== null) enterNamed(namespace);
  return runtimePaths({}, read.config?.daemon.name ?? null).socket;
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
  print(`${found[1]}\n`);
  return 0;
}

/**
 * -t: findings on stderr or in a file; 0 clean, 2 a parameter is missing, 4 cannot run with it (no such file, too), 5 would run after leaving something out, 6
 * runs scripts without enable_script_security, which keepalived puts before 5. What keepalived finds
 * nothing wrong with, or nothing that counts, is printed but leaves 0.
 */
async function test(options: KeepalivedOptions): Promise<number> {
  const { loadConfig } = await import("../config/load.ts");
  const { config, diagnostics } = loadConfig(options.file ?? DEFAULT_FILE, {
    hostName: hostname(),
    allIncludes: options.allIncludes,
    ...(options.configId === undefined ? {} : { configId: options.configId }),
  });
  const lines = diagnostics.map((d) => renderDiagnostic(d, false).trimEnd());
  const insecure = config === null ? [] : securityViolations(config);
  lines.push(...insecure);
  const text = lines.map((line) => `${line}\n`).join("");
  if (options.testLog === null) process.stderr.write(text);
  else writeFileSync(options.testLog, text);
  const fatal = diagnostics.find(({ failure }) => failure !== undefined)?.failure;
  if (fatal !== undefined) return fatal === "include" ? TEST_INCLUDE_MISSING : TEST_MISSING_PARAMETER;
  if (config === null) return TEST_CANNOT_RUN;
  if (insecure.length > 0) return TEST_INSECURE;
  return diagnostics.some((d) => d.harmless !== true) ? TEST_WOULD_RUN : 0;
}

/** keepalived's lines about programs that run without enable_script_security. */
function securityViolations({ global, scripts, instances, groups }: Config): string[] {
  if (global.enableScriptSecurity) return [];
  const { fifos, startup, shutdown } = global.notifications;
  const isCommand = (value: unknown) => typeof value === "object" && value !== null && "words" in value;
  const runs = scripts.length > 0 || fifos.some(({ script }) => script !== null) ||
    [...instances, ...groups].some(({ notify }) => Object.values(notify).some(isCommand));
  const found: string[] = [];
  if (startup !== null || shutdown !== null) found.push("start/shutdown scripts");
  if (runs) found.push("scripts");
  return found.map((what) =>
    `SECURITY VIOLATION - ${what} are being executed but script_security not enabled.`
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
