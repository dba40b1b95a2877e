// baton demo: two routers and a client in private network namespaces; election, failover, recovery.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ERRNO, SyscallError } from "../../native/errno.ts";
import { parseAddress } from "../vrrp/address.ts";
import { type Color, type Display, LiveDisplay, PlainDisplay, SHOW_CURSOR } from "./demo/display.ts";
import { INTERFACE, type MachineName, Network, PREFIX_LENGTH } from "./demo/network.ts";
import { bar, Pings } from "./demo/pings.ts";
import { type LogLine, Router } from "./demo/router.ts";
import { StoryError, tell } from "./demo/story.ts";
import { demoInside, isInside, whyNotUserNamespace } from "./demo/unprivileged.ts";
import { yours } from "./demo/yours.ts";
import { parseOptions } from "./usage.ts";

const HELP = `baton demo: two routers and a client on a switch of their own; election, failover, recovery

Builds them in private network namespaces, starts a real daemon on each router, ends the master in several
ways and shows who takes over, why, and what a client's ping notices. Takes about 15 seconds, touches no
interface of this machine and leaves nothing behind. Needs root, or a kernel that gives ordinary users user
namespaces (and unshare of util-linux).

      --plain   plain lines; also without a terminal and with NO_COLOR`;

/** sysexits.h: EX_UNAVAILABLE. */
const EXIT_UNAVAILABLE = 69;
const EXIT_FAILURE = 1;
/** Exit codes for an end by signal, as shells have them. */
const SIGNALS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
const EXIT_SIGPIPE = 141;

/** RFC 5737 TEST-NET-1: in nobody's network. */
const SHARED = "192.0.2.1";
const ADDRESSES = { "router-a": "192.0.2.2", "router-b": "192.0.2.3", client: "192.0.2.9" } as const;
const PRIORITY_A = 150;
const PRIORITY_B = 100;
const REFRESH_MS = 100;

/** The demo cannot run here. */
class UnavailableError extends Error {
  readonly exitCode = EXIT_UNAVAILABLE;
}

/** The demo was told to end. */
class Interrupted extends Error {
  readonly exitCode: number;
  constructor(signal: NodeJS.Signals) {
    super(signal);
    this.exitCode = SIGNALS[signal] ?? EXIT_SIGPIPE;
  }
}

/** Shows the demo. Resolves with 0 if everything happened, 1 if not; throws with exit code 69 where it cannot run. */
export async function demo(args: string[]): Promise<number> {
  const { values } = parseOptions("demo", args, {
    plain: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  }, false);
  if (values.help) {
    process.stdout.write(HELP + "\n");
    return 0;
  }
  const live = values.plain !== true && process.stdout.isTTY === true && process.env.NO_COLOR === undefined &&
    process.env.TERM !== "dumb";
  const network = build();
  const code = network === null ? await demoInside(args) : await show(network, live);
  if (code === 0 && !isInside()) process.stdout.write(yours() + "\n");
  return code;
}

/** The network; null where only a user namespace allows it. Throws UnavailableError. */
function build(): Network | null {
  try {
    return new Network(ADDRESSES);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    const refused = error.errno === ERRNO.EPERM || error.errno === ERRNO.EACCES;
    const why = refused && !isInside() ? whyNotUserNamespace() : error.message;
    if (why === null) return null;
    throw new UnavailableError(
      refused
        ? `the demo may not make network namespaces here (${why}): run it as root, or let users have user ` +
          "namespaces (user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns) and install unshare"
        : `the demo cannot build its network: ${why}`,
    );
  }
}

/** The whole demo in its network, which is gone afterwards with everything else. Resolves with the exit code. */
async function show(network: Network, live: boolean): Promise<number> {
  // Undone in reverse order, whatever happens.
  await using undo = new AsyncDisposableStack();
  undo.use(network);
  const ending = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => ending.abort(new Interrupted(signal));
  for (const signal of Object.keys(SIGNALS)) {
    process.on(signal, interrupt);
    undo.defer(() => void process.off(signal, interrupt));
  }
  // A reader that went away (`baton demo | head`) ends the demo.
  process.stdout.on("error", () => interrupt("SIGPIPE"));

  const directory = privateDirectory();
  undo.defer(() => rmSync(directory, { recursive: true, force: true }));
  const pings = network.inside("client", () => new Pings(parseAddress(SHARED)!));
  undo.defer(() => pings.close());
  const stage: { display: Display } = { display: new PlainDisplay() };
  const heard = new Set<string>();
  const router = (name: "router A" | "router B", machine: MachineName, priority: number) => {
    const made = new Router({
      name,
      machine,
      address: ADDRESSES[machine],
      priority,
      configuration: configuration(name, priority),
      directory,
      network,
      hear: (line) => hear(stage.display, heard, name, line),
    });
    undo.defer(() => made.kill());
    return made;
  };
  const a = router("router A", "router-a", PRIORITY_A);
  const b = router("router B", "router-b", PRIORITY_B);
  const refresh = setInterval(() => void Promise.all([a.refresh(), b.refresh()]), REFRESH_MS);
  undo.defer(() => clearInterval(refresh));
  if (live) stage.display = new LiveDisplay((color) => table(network, [a, b], pings, color));
  const { display } = stage;
  undo.defer(() => display.close());
  // For an end that undoes nothing: an error that nobody caught.
  const lastResort = () => {
    for (const made of [a, b]) made.abandon();
    rmSync(directory, { recursive: true, force: true });
    if (live) process.stdout.write(SHOW_CURSOR);
  };
  process.on("exit", lastResort);
  undo.defer(() => void process.off("exit", lastResort));

  introduce(display);
  try {
    await tell({ network, a, b, pings, shared: SHARED, display, signal: ending.signal });
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return error.exitCode;
    if (!(error instanceof StoryError)) throw error;
    display.line("demo", `this should not have happened: ${error.message}`, "red");
    return EXIT_FAILURE;
  }
}

/** A new directory for the files of the routers. Throws UnavailableError. */
function privateDirectory(): string {
  try {
    return mkdtempSync(join(tmpdir(), "baton-demo-"));
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new UnavailableError(
      `the demo cannot make a directory in ${tmpdir()} (${why}): name a writable one with TMPDIR`,
    );
  }
}

function configuration(name: string, priority: number): string {
  return `# ${name} of the demo
vrrp_instance demo {
    interface ${INTERFACE}
    virtual_router_id 51
    version 3
    priority ${priority}
    advert_int 0.1
    virtual_ipaddress {
        ${SHARED}/${PREFIX_LENGTH}
    }
}
`;
}

function introduce(display: Display): void {
  display.text("baton demo: two routers and a client on one switch, in network namespaces of their own");
  display.text(
    `router A ${ADDRESSES["router-a"]}, priority ${PRIORITY_A}; router B ${ADDRESSES["router-b"]}, ` +
      `priority ${PRIORITY_B}; client ${ADDRESSES.client}`,
  );
  display.text(`they share ${SHARED} by VRRPv3, with an advert every 0.1 s`);
}

/** The log lines that tell the story: those of the instance, and trouble, the same trouble once only. */
function hear(
  display: Display,
  heard: Set<string>,
  name: "router A" | "router B",
  { level, instance, message }: LogLine,
): void {
  if (instance === null) {
    if ((level !== "warning" && level !== "error") || heard.has(message)) return;
    heard.add(message);
  }
  const color = level === "error" ? "red" : level === "warning" ? "dim" : "cyan";
  display.line(name, level === "info" ? message : `${level}: ${message}`, color);
}

/** The table of the live display. */
function table(
  network: Network,
  routers: readonly Router[],
  pings: Pings,
  color: (color: Color, text: string) => string,
): string[] {
  const rows = routers.map(({ name, machine, priority, status, pid }) => {
    const state = (status?.state ?? (pid === 0 ? "stopped" : "starting")).padEnd(8);
    const painted = status?.state === "MASTER"
      ? color("green", state)
      : color(pid === 0 ? "red" : "cyan", state);
    const lifetimeS = network.lifetimeS(machine, SHARED);
    const held = lifetimeS === null ? "" : `has ${SHARED}, lifetime ${lifetimeS} s`;
    const following = status?.state === "BACKUP" && status.master !== null
      ? `follows ${status.master.address}`
      : "";
    return `  ${name}  ${painted}  priority ${priority}  ${held || following}`;
  });
  const line = bar(pings.all, 60, 10)
    .replace(/\|+/g, (part) => color("green", part)).replace(/[.:]+/g, (part) => color("red", part));
  return [
    "",
    ...rows,
    `  client    ${line}`,
    color("dim", `            pings of ${SHARED}, 0.1 s a stroke; dots are lost`),
  ];
}
