// What a configuration names and this machine lacks: interfaces, programs, users, processors, hosts. Always warnings.
import { isInterfaceName } from "./arguments.ts";
import type { Places, Thing } from "./context.ts";
import { type Diagnostic, Report } from "./diagnostic.ts";
import type { Config } from "./model.ts";
import type { Settings } from "./settings.ts";

/** Questions about this machine. */
export interface Probes {
  interfaceExists: (name: string) => boolean;
  isVrf: (name: string) => boolean;
  /** A path, a name that is looked up in PATH, or `<` and a path that is only opened. */
  program: (word: string) => "ok" | "missing" | "not executable";
  userExists: (name: string) => boolean;
  groupExists: (name: string) => boolean;
  /** How many processors it has; they are numbered from 0. */
  processors: () => number;
}

/**
 * Warnings for what the configuration names and the machine lacks, at each place of the text that needs it.
 * `places` and `globals`, which are those of global_defs: from the LoadResult.
 */
export function lintMachine(
  config: Config,
  probes: Probes,
  places: Places,
  globals: Settings,
): Diagnostic[] {
  const report = new Report(config.file);
  const lacks = (thing: Thing, exists: (name: string) => boolean, message: (name: string) => string) => {
    for (const name of places.names(thing)) {
      if (exists(name)) continue;
      for (const span of places.spans(thing, name)) report.warning(span, message(name));
    }
  };
  /** Interfaces that the daemon makes itself. */
  const vmacs = new Set(config.instances.flatMap((instance) => instance.vmacs.map(({ name }) => name)));
  const dynamic = globals.has("dynamic_interfaces");
  lacks(
    "interface",
    // What cannot be a name has been reported.
    (name) => (vmacs.has(name) && dynamic) || !isInterfaceName(name) || probes.interfaceExists(name),
    (name) =>
      vmacs.has(name)
        ? `keepalived looks for ${name} before it makes it, so it complains, baton does not; add dynamic_interfaces ` +
          "to global_defs, so that both do the same"
        : `this machine has no interface ${name}, so baton waits for it; create it or correct the name`,
  );
  lacks(
    "vrf",
    // What does not exist has been said of the interface.
    (name) => !probes.interfaceExists(name) || probes.isVrf(name),
    (name) =>
      `${name} is no VRF, so the route is left out as long as it is none; name a VRF, or delete the option`,
  );
  lacks("program", (name) => probes.program(name) === "ok", (name) => {
    const missing = probes.program(name) === "missing";
    const why = missing ? "does not exist on this machine" : "is not executable";
    return `${name} ${why}, so running it fails; ${missing ? "correct the path" : `run chmod +x ${name}`}`;
  });
  const cure = "create it, or put the command and its arguments in one pair of quotes";
  lacks(
    "user",
    probes.userExists,
    (name) => `this machine has no user ${name}, so what should run as it fails; ${cure}`,
  );
  lacks(
    "group",
    probes.groupExists,
    (name) => `this machine has no group ${name}, so what should run with it fails; ${cure}`,
  );
  const last = probes.processors() - 1;
  lacks(
    "processor",
    (name) => Number(name) <= last,
    (name) => `this machine has no processor ${name}, so it is left out; write numbers from 0 to ${last}`,
  );
  return report.diagnostics();
}

/** Warnings for the hosts of the configuration that no address is found for; `resolves` bounds its wait. */
export async function lintHosts(
  file: string,
  places: Places,
  resolves: (host: string) => Promise<boolean>,
): Promise<Diagnostic[]> {
  const report = new Report(file);
  const hosts = places.names("host");
  const found = await Promise.all(hosts.map((host) => resolves(host)));
  for (const [i, host] of hosts.entries()) {
    if (found[i]) continue;
    const what = `this machine finds no address of ${host}, so no mail gets there`;
    for (const span of places.spans("host", host)) {
      report.warning(span, `${what}; write an IP address, or add it to /etc/hosts`);
    }
  }
  return report.diagnostics();
}
