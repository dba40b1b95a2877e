// baton install: this program, a service as the image has them, a sample configuration; and a record of it all.
import sample from "../../config/keepalived.conf" with { type: "text" };
import { VERSION } from "../version.ts";
import { readManifest, writeManifest } from "./install/manifest.ts";
import { put, type Wanted } from "./install/put.ts";
import { reloadUnits } from "./install/running.ts";
import { detectInit, type Init, INITS, serviceOf } from "./install/services.ts";
import { isExecutable, Tree } from "./install/tree.ts";
import { print } from "./output.ts";
import { DEFAULT_FILES } from "./run.ts";
import { ownCommand } from "./self.ts";
import { parseOptions, UsageError } from "./usage.ts";

const HELP = `baton install: install this program with a service and a sample configuration

Writes the program, a service for the init system that the image has, and a sample where there is no configuration.
Nothing is started or switched on unless asked for; a file that was changed since, or that baton did not write, is
left and named. Safe to repeat: an update is the same command of the new program.

      --root DIR         install into the image at DIR instead of this machine
      --prefix DIR       where the program goes: DIR/sbin/baton; default /usr
      --init NAME        systemd, openrc, procd, runit or none; default: what the image has
      --enable           start with the machine from its next start on
      --keepalived-link  a link DIR/sbin/keepalived to this program, where there is no keepalived
      --binary FILE      install FILE instead of this program, for an image of another architecture
      --force            replace files that would be left
      --dry-run          say what would be done, and do nothing`;

const SAMPLE_FILE = "/etc/baton/baton.conf.sample";
/** This program, whatever has become of its name. */
const SELF = "/proc/self/exe";

/** Installs. Returns 0, or 1 when the program itself or the link could not be put in place. */
export function install(args: string[]): number {
  const { values } = parseOptions("install", args, {
    root: { type: "string" },
    prefix: { type: "string" },
    init: { type: "string" },
    enable: { type: "boolean" },
    "keepalived-link": { type: "boolean" },
    binary: { type: "string" },
    force: { type: "boolean" },
    "dry-run": { type: "boolean" },
    help: { type: "boolean", short: "h" },
  }, false);
  if (values.help) {
    print(HELP + "\n");
    return 0;
  }
  const tree = new Tree(values.root ?? "/");
  const prefix = checkedPrefix(values.prefix);
  const program = `${prefix}/sbin/baton`;
  if (tree.has("/var/lib/dpkg/info/baton.list")) {
    throw new Error("the Debian package baton is installed here: update it with apt, or remove it first");
  }
  const service = serviceOf(chosenInit(values.init, tree), tree, prefix, program);
  if (values.enable === true && service.start === null) {
    throw new UsageError("--enable needs an init system, and none was found: name one with --init");
  }
  const link = `${prefix}/sbin/keepalived`;
  if (values["keepalived-link"] === true) refuseKeepalived(tree, link);
  const source = { copyOf: executable(values.binary) };
  const manifest = readManifest(tree, prefix) ?? { version: VERSION, entries: [], directories: [] };
  const options = { dryRun: values["dry-run"] === true, force: values.force === true };
  const configured = DEFAULT_FILES.some((file) => tree.has(file));
  const required: Wanted[] = [
    { path: program, mode: 0o755, source },
    ...(values["keepalived-link"] === true ? [{ path: link, target: "baton" }] : []),
  ];
  const others: Wanted[] = [
    ...[...service.files, ...(values.enable === true ? service.enabled : [])].map((part) =>
      "target" in part ? part : { path: part.path, mode: part.mode, source: { text: part.text } }
    ),
    ...(configured ? [] : [{ path: SAMPLE_FILE, mode: 0o644, source: { text: sample } }]),
  ];
  let missing = false;
  for (const wanted of [...required, ...others]) {
    const outcome = put(tree, wanted, manifest, options);
    print(outcome.line + "\n");
    missing ||= outcome.left && required.includes(wanted);
    // After each file: what is interrupted can still be undone.
    manifest.version = VERSION;
    if (!options.dryRun) writeManifest(tree, prefix, manifest);
  }
  const told = reloadUnits(tree, options.dryRun);
  if (told !== null) print(told + "\n");
  if (!options.dryRun && !missing) {
    print(advice(configured, service.start, values.enable === true));
  }
  return missing ? 1 : 0;
}

function checkedPrefix(given: string | undefined): string {
  const prefix = (given ?? "/usr").replace(/\/+$/, "");
  // The files of the service name the program: nothing that a shell or a unit would split.
  if (!/^(\/[\w.+-]+)+$/.test(prefix) || prefix.split("/").includes("..")) {
    throw new UsageError(`--prefix ${given} makes no sense: name an absolute path such as /usr/local`);
  }
  return prefix;
}

function chosenInit(given: string | undefined, tree: Tree): Init {
  if (given === undefined) return detectInit(tree);
  const init = INITS.find((name) => name === given);
  if (init === undefined) throw new UsageError(`--init ${given} is unknown: use ${INITS.join(", ")}`);
  return init;
}

function refuseKeepalived(tree: Tree, link: string): void {
  for (
    const path of new Set([link, "/usr/sbin/keepalived", "/usr/local/sbin/keepalived", "/sbin/keepalived"])
  ) {
    const present = tree.present(path);
    if (present.kind === "nothing" || (present.kind === "link" && present.target === "baton")) continue;
    throw new Error(`${tree.host(path)} exists: remove keepalived first, or leave --keepalived-link away`);
  }
}

function executable(given: string | undefined): string {
  if (given !== undefined) {
    if (!isExecutable(given)) {
      throw new Error(`${given} is not an executable: name a program of baton's with --binary`);
    }
    return given;
  }
  if (ownCommand().length > 1) {
    throw new Error("this is the source tree, not the program: npm run build, then dist/baton install");
  }
  return SELF;
}

function advice(configured: boolean, start: string | null, enabled: boolean): string {
  const first = configured
    ? "baton check FILE looks through the configuration that is there."
    : `There is no configuration yet: copy ${SAMPLE_FILE} to /etc/baton/baton.conf and make it yours.`;
  const then = start === null
    ? "baton run -f FILE starts the daemon."
    : enabled
    ? "The daemon starts with the machine."
    : `Nothing was started: ${start}`;
  return `${first}\n${then}\n`;
}
