// baton run: the daemon in the foreground.
import { existsSync } from "node:fs";
import { endWithParent } from "../../native/parent.ts";
import { EngineThread } from "../control/engine.ts";
import { print } from "./output.ts";
import { ENDS_WITH_PARENT } from "./self.ts";
import { parseOptions, UsageError } from "./usage.ts";

const HELP = `baton run: run in the foreground until SIGTERM or SIGINT; SIGHUP reloads the configuration

  -f, --file FILE       configuration, keepalived.conf or YAML by its name (.yaml, .yml);
                        default: the first of these that exists:
                        /etc/baton/baton.yaml, /etc/baton/baton.conf, /etc/keepalived/keepalived.conf
      --status LISTEN   serve the status over HTTP on ADDR:PORT, [IPV6]:PORT or unix:PATH
  -D, --log-detail      log in detail
      --log-format FMT  text (default) or json
      --syslog          log to syslog as well
  -i, --config-id ID    the name that @ID lines of keepalived.conf are compared with
      --socket PATH     control socket, one per network namespace by default
      --pid PATH        pid file, one per network namespace by default`;

/** Default configuration files, in the order in which they are looked for. */
export const DEFAULT_FILES = [
  "/etc/baton/baton.yaml",
  "/etc/baton/baton.conf",
  "/etc/keepalived/keepalived.conf",
];

/** The file that was named, or the first default that exists. */
function configurationFile(named: string | undefined): string {
  const file = named ?? DEFAULT_FILES.find((f) => existsSync(f));
  if (file === undefined) {
    throw new UsageError(`there is no configuration (${DEFAULT_FILES.join(", ")}): name one with -f FILE`);
  }
  return file;
}

/** Runs the daemon. Resolves with its exit code. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseOptions("run", args, {
    file: { type: "string", short: "f" },
    status: { type: "string" },
    "log-detail": { type: "boolean", short: "D" },
    "log-format": { type: "string" },
    syslog: { type: "boolean" },
    "config-id": { type: "string", short: "i" },
    socket: { type: "string" },
    pid: { type: "string" },
    help: { type: "boolean", short: "h" },
  }, false);
  if (values.help) {
    print(HELP + "\n");
    return 0;
  }
  const format = values["log-format"] ?? "text";
  if (format !== "text" && format !== "json") {
    throw new UsageError(`--log-format ${format} is unknown: use text or json`);
  }
  const file = configurationFile(values.file);
  const parent = process.env[ENDS_WITH_PARENT];
  if (parent !== undefined) endWithParent(Number(parent));
  // Before the rest is loaded: the engine needs as long to be ready as all of that.
  const engine = new EngineThread({ keep: false, releaseForeign: false, watchAddresses: false });
  const { runDaemon } = await import("./run_daemon.ts");
  return await runDaemon({
    engine,
    file,
    format,
    detail: values["log-detail"] === true,
    syslog: values.syslog === true,
    configId: values["config-id"],
    socket: values.socket,
    pid: values.pid,
    status: values.status ?? null,
  });
}
