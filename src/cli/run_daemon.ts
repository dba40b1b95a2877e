// What `baton run` runs once its command line is understood: the daemon, which is loaded while the engine starts.
import { SyslogSocket } from "../../native/syslog.ts";
import { yamlParserFor } from "../config/read.ts";
import { Daemon } from "../control/daemon.ts";
import type { EngineThread } from "../control/engine.ts";
import { Log, type LogFormat } from "../control/log.ts";
import { runtimePaths } from "../control/runtime.ts";

/** What the command line says. */
export interface RunOptions {
  engine: EngineThread;
  file: string;
  format: LogFormat;
  detail: boolean;
  syslog: boolean;
  configId: string | undefined;
  socket: string | undefined;
  pid: string | undefined;
  status: string | null;
}

/** Runs the daemon in the foreground. Resolves with its exit code. */
export async function runDaemon(options: RunOptions): Promise<number> {
  const { engine, file, format, detail, syslog, configId, socket, pid, status } = options;
  const log = new Log({
    format,
    console: true,
    syslog: syslog ? new SyslogSocket("baton") : null,
    detail,
  });
  const daemon = new Daemon({
    engine,
    file,
    yaml: await yamlParserFor(file),
    configId,
    places: ({ name }) => ({ paths: runtimePaths({ socket, pid }, name), extraPidFiles: [] }),
    status,
  }, log);
  return await daemon.run();
}
