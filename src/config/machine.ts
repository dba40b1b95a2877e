// What a configuration names and this machine lacks: interfaces, programs, users. Always warnings.
import type { Places, Thing } from "./context.ts";
import { type Diagnostic, Report } from "./diagnostic.ts";
import type { Command, Config, ScriptIdentity } from "./model.ts";
import type { Settings } from "./settings.ts";

/** Questions about this machine. */
export interface Probes {
  interfaceExists: (name: string) => boolean;
  /** A path, a name that is looked up in PATH, or `<` and a path that is only opened. */
  program: (word: string) => "ok" | "missing" | "not executable";
  userExists: (name: string) => boolean;
  groupExists: (name: string) => boolean;
}

/**
 * Warnings for what the configuration names and the machine lacks, at its first place in the text; of an interface
 * at each place that `places` knows. `places` and `globals`, which are those of
 * global_defs: from the LoadResult.
 */
export function lintMachine(
  config: Config,
  probes: Probes,
  places: Places,
  globals: Settings,
): Diagnostic[] {
  const report = new Report(config.file);
  const warn = (thing: Thing, name: string, message: string) =>
    report.warning(places.of(thing, name), message);
  /** Interfaces that the daemon makes itself. */
  const own = new Set<string>();
  const programs = new Set<string>();
  const users = new Set<string>();
  const groups = new Set<string>();
  const identity = (who: ScriptIdentity | null) => {
    if (who !== null) users.add(who.user);
    if (who !== null && who.group !== null) groups.add(who.group);
  };
  const command = ({ words: [program], identity: who }: Command) => {
    if (program !== undefined) programs.add(program);
    identity(who);
  };
  identity(config.global.scriptUser);
  const { fifos, startup, shutdown } = config.global.notifications;
  for (const { owner, script } of fifos) {
    identity(owner);
    if (script !== null) command(script);
  }
  for (const once of [startup, shutdown]) if (once !== null) command(once.command);
  for (const instance of config.instances) {
    for (const { name } of instance.vmacs) own.add(name);
    for (const each of Object.values(instance.notify)) {
      if (each !== null && typeof each === "object") command(each);
    }
  }
  for (const { notify } of config.groups) {
    for (const each of Object.values(notify)) {
      if (each !== null && typeof each === "object") command(each);
    }
  }
  for (const script of config.scripts) command(script.command);
  for (const [name, spans] of places.named("interface")) {
    if (probes.interfaceExists(name)) continue;
    const message = !own.has(name)
      ? `this machine has no interface ${name}, so baton waits for it; create it or correct the name`
      : globals.has("dynamic_interfaces")
      ? null
      : `keepalived looks for ${name} before it makes it, so it complains, baton does not; add dynamic_interfaces ` +
        "to global_defs, so that both do the same";
    if (message !== null) { for (const span of spans) report.warning(span, message); }
  }
  for (const program of programs) {
    const state = probes.program(program);
    if (state === "ok") continue;
    const why = state === "missing" ? "does not exist on this machine" : "is not executable";
    const cure = state === "missing" ? "correct the path" : `run chmod +x ${program}`;
    warn("program", program, `${program} ${why}, so running it fails; ${cure}`);
  }
  const cure = "create it, or put the command and its arguments in one pair of quotes";
  for (const user of users) {
    if (probes.userExists(user)) continue;
    warn("user", user, `this machine has no user ${user}, so what should run as it fails; ${cure}`);
  }
  for (const group of groups) {
    if (probes.groupExists(group)) continue;
    warn("group", group, `this machine has no group ${group}, so what should run with it fails; ${cure}`);
  }
  return report.diagnostics();
}
