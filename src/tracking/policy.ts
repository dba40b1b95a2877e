// Decides as whom a script runs, and whether it may run at all (script_user, enable_script_security).
import { lookupGroup, lookupGroups, lookupUser } from "../../native/accounts.ts";
import { type Identity, searchPath } from "../../native/child.ts";
import type { Command, ScriptIdentity } from "../command.ts";
import { executedFiles, findUnsafeComponent, resolveProgram, withoutLinks } from "./security.ts";

export type Level = "debug" | "info" | "warning" | "error";
export type Log = (level: Level, text: string) => void;

/** A command ready to run, or the reason (one sentence) why it may not. */
export type Prepared =
  | { words: string[]; identity: Identity | null; refused: null }
  | { refused: string };

export interface PolicyOptions {
  enableScriptSecurity: boolean;
  /** script_user; null = keepalived_script if that account exists, else nobody. */
  scriptUser: ScriptIdentity | null;
  /** Programs keep the path that was written; else the directories are those that the links lead to. */
  useSymlinkPaths?: boolean;
  /** Scripts have all groups of their user, not only the first one. */
  supplementaryGroups?: boolean;
}

/** What the policy asks of the machine; tests replace it. */
export interface Host {
  uid: number;
  passwdFile: string;
  groupFile: string;
  path: string;
}

const DEFAULT_ACCOUNT = "keepalived_script";
/** The overflow uid and gid of Linux, which `nobody` has everywhere (linux/highuid.h). */
const NOBODY: Identity = { uid: 65534, gid: 65534 };

function thisHost(): Host {
  return {
    uid: process.geteuid?.() ?? 0,
    passwdFile: "/etc/passwd",
    groupFile: "/etc/group",
    path: searchPath(),
  };
}

/**
 * The rules under which scripts run, from global_defs. Each distinct remark is logged once in the life of
 * the policy; make a new one at a reload.
 */
export class ScriptPolicy {
  readonly #options: PolicyOptions;
  readonly #log: Log;
  readonly #host: Host;
  readonly #said = new Set<string>();

  constructor(options: PolicyOptions, log: Log, host: Host = thisHost()) {
    this.#options = options;
    this.#log = log;
    this.#host = host;
  }

  /** What to run for a command, and as whom. Never throws; a refusal is a sentence for the log. */
  prepare(command: Command): Prepared {
    const word = command.words[0];
    if (word === undefined || word === "") return { refused: "the command is empty: name a program" };
    const who = this.#identify(command.identity);
    if ("refused" in who) return who;
    const program = resolveProgram(word, this.#host.path);
    if (program === null) {
      return { refused: `${word} is not in any directory of the search path: give its full path` };
    }
    if (!word.startsWith("/")) {
      this.#once(
        "warning",
        `WARNING - script \`${word}\` resolved by path search to \`${program}\`. Please specify full path.`,
      );
    }
    const written = [program, ...command.words.slice(1)];
    const asRoot = (who.identity?.uid ?? this.#host.uid) === 0;
    const refused = asRoot ? this.#examine(written) : null;
    if (refused !== null) return { refused };
    const { useSymlinkPaths = false } = this.#options;
    const words = useSymlinkPaths ? written : [withoutLinks(program), ...written.slice(1)];
    return { words, identity: who.identity, refused: null };
  }

  /** Refuses, or only warns about, a script of root that somebody else may change. */
  #examine(words: readonly string[]): string | null {
    for (const file of executedFiles(words)) {
      const unsafe = findUnsafeComponent(file);
      if (unsafe === null) continue;
      const found = `Unsafe permissions found for script '${file}': ${unsafe.path} ${unsafe.reason}`;
      if (this.#options.enableScriptSecurity) {
        return `${found} - disabling; give it to root alone (chown root, chmod go-w), or run it as another user`;
      }
      this.#once(
        "warning",
        `SECURITY VIOLATION - ${found}, so that whoever may change it becomes root here. ` +
          "Give it to root alone (chown root, chmod go-w), run it as another user, or set enable_script_security",
      );
    }
    return null;
  }

  #identify(own: ScriptIdentity | null): { identity: Identity | null } | { refused: string } {
    const wanted = own ?? this.#options.scriptUser;
    if (this.#host.uid !== 0) {
      if (wanted !== null) {
        this.#once(
          "warning",
          `scripts run as uid ${this.#host.uid}, not as ${wanted.user}: only root may change the user`,
        );
      }
      return { identity: null };
    }
    if (wanted === null) return { identity: this.#defaultIdentity() };
    const user = lookupUser(wanted.user, this.#host.passwdFile);
    if (user === null) {
      return { refused: `user ${wanted.user} does not exist: create it, or name another one` };
    }
    if (wanted.group === null) return { identity: this.#withGroups(wanted.user, user) };
    const gid = lookupGroup(wanted.group, this.#host.groupFile);
    if (gid === null) {
      return { refused: `group ${wanted.group} does not exist: create it, or name another one` };
    }
    return { identity: this.#withGroups(wanted.user, { uid: user.uid, gid }) };
  }

  #withGroups(name: string, identity: Identity): Identity {
    if (this.#options.supplementaryGroups !== true) return identity;
    const { passwdFile, groupFile } = this.#host;
    return { ...identity, groups: lookupGroups(name, identity.gid, passwdFile, groupFile) };
  }

  #defaultIdentity(): Identity {
    const account = lookupUser(DEFAULT_ACCOUNT, this.#host.passwdFile);
    if (account !== null) return this.#withGroups(DEFAULT_ACCOUNT, account);
    this.#once(
      "warning",
      `WARNING - default user '${DEFAULT_ACCOUNT}' for script execution does not exist - please create. ` +
        "Scripts run as nobody until then; script_user names another user (`script_user root` if they need root)",
    );
    return this.#withGroups("nobody", lookupUser("nobody", this.#host.passwdFile) ?? NOBODY);
  }

  #once(level: Level, text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#log(level, text);
  }
}
