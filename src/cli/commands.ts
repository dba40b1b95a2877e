// Which command a command line means: baton's own, or keepalived's when called by that name or with its options.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { VERSION } from "../version.ts";
import { commandWords } from "./init.ts";
import { print } from "./output.ts";
import { UsageError } from "./usage.ts";

/** sysexits.h: EX_USAGE. */
const EXIT_USAGE = 64;
const EXIT_FAILURE = 1;

interface Command {
  /** Its line in the overview. */
  summary: string;
  load: () => Promise<(args: string[]) => Promise<number> | number>;
}

/** Each command's file is loaded only when it is called. */
const COMMANDS: Record<string, Command> = {
  run: {
    summary: "run in the foreground until SIGTERM or SIGINT; SIGHUP reloads",
    load: async () => (await import("./run.ts")).run,
  },
  check: {
    summary: "check configuration files: exit 0 when clean, 1 with warnings, 2 with errors",
    load: async () => (await import("./check.ts")).check,
  },
  convert: {
    summary: "write a configuration in the other syntax: keepalived.conf or YAML",
    load: async () => (await import("./convert.ts")).convert,
  },
  status: {
    summary: "ask the running daemon what it is doing",
    load: async () => (await import("./status.ts")).status,
  },
  reload: {
    summary: "have the running daemon read its configuration again, and show what changes",
    load: async () => (await import("./reload.ts")).reload,
  },
  demo: {
    summary: "two routers and a client in private network namespaces: election, failover, recovery",
    load: async () => (await import("./demo.ts")).demo,
  },
  cleanup: {
    summary: "take away what a killed daemon has left behind",
    load: async () => (await import("./cleanup.ts")).cleanup,
  },
  install: {
    summary: "install this program with a service and a sample configuration",
    load: async () => (await import("./install.ts")).install,
  },
  uninstall: {
    summary: "remove what install has written",
    load: async () => (await import("./uninstall.ts")).uninstall,
  },
  licenses: {
    summary: "print the licences of this program and of everything inside it",
    load: async () => (await import("./licenses.ts")).licenses,
  },
  version: {
    summary: "print the version",
    load: () => Promise.resolve(() => say(`baton ${VERSION}`)),
  },
  help: {
    summary: "print this overview",
    load: () => Promise.resolve(() => say(overview())),
  },
};

/** Runs what the process was called with. Resolves with its exit code. */
export async function commandLine(): Promise<number> {
  const args = commandWords(process.argv.slice(2), (word) => Object.hasOwn(COMMANDS, word));
  const name = args[0];
  try {
    if (calledAs() === "keepalived" || isKeepalivedOption(name)) {
      return await (await import("./keepalived.ts")).keepalived(args);
    }
    if (name === undefined) {
      process.stderr.write(overview() + "\n");
      return EXIT_USAGE;
    }
    if (name === "--help" || name === "-h") return say(overview());
    if (name === "--version" || name === "-v") return say(`baton ${VERSION}`);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) {
      throw new UsageError(
        `there is no command ${name}: the commands are ${Object.keys(COMMANDS).join(", ")}`,
      );
    }
    return await (await command.load())(args.slice(1));
  } catch (error) {
    process.stderr.write(`baton: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof UsageError) return EXIT_USAGE;
    const code = error !== null && typeof error === "object" && "exitCode" in error ? error.exitCode : null;
    return typeof code === "number" ? code : EXIT_FAILURE;
  }
}

/** The name the program was started under: a link called keepalived makes it one. */
function calledAs(): string {
  try {
    return basename(readFileSync("/proc/self/cmdline", "utf8").split("\0")[0] ?? "");
  } catch {
    return "baton";
  }
}

/** An option in the place of the command is keepalived's, except the ones that every program has. */
function isKeepalivedOption(word: string | undefined): boolean {
  return word !== undefined && /^-./.test(word) && !["-h", "--help", "-v", "--version"].includes(word);
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) =>
    `  baton ${name.padEnd(width)}  ${summary}`
  );
  return [
    `baton ${VERSION}: a VRRP daemon; two or more machines keep one shared address alive`,
    "",
    ...lines,
    "",
    "baton COMMAND --help explains a command. Called as keepalived, or with its options and no command, baton",
    "takes keepalived's command line; baton --use-file FILE --dont-fork is keepalived in the foreground.",
  ].join("\n");
}

function say(text: string): number {
  print(text + "\n");
  return 0;
}
