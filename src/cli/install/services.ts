// The init systems: how an image shows that it has one, what a service of it consists of, how it is switched on.
import finish from "./baton.runit-finish" with { type: "text" };
import openrc from "./baton.openrc" with { type: "text" };
import procd from "./baton.procd" with { type: "text" };
import run from "./baton.runit-run" with { type: "text" };
import unit from "./baton.service" with { type: "text" };
import type { Tree } from "./tree.ts";

export const INITS = ["systemd", "openrc", "procd", "runit", "none"] as const;
export type Init = typeof INITS[number];

/** Where the program is in the files as they stand in the source. */
const PROGRAM = "/usr/sbin/baton";

/** A file or a link of a service. */
export type ServicePart = { path: string; mode: number; text: string } | { path: string; target: string };

export interface Service {
  files: ServicePart[];
  /** The links that start it with the machine. */
  enabled: ServicePart[];
  /** The command that a person types to switch it on and start it; null: there is no service. */
  start: string | null;
}

/** The init system that the image shows. */
export function detectInit(tree: Tree): Init {
  const has = (...paths: string[]) => paths.some((path) => tree.has(path));
  if (tree.live && has("/run/systemd/system")) return "systemd";
  // The program, not its directories: other packages bring units for a systemd that is not there.
  if (has("/usr/lib/systemd/systemd", "/lib/systemd/systemd")) return "systemd";
  if (has("/sbin/openrc-run", "/usr/sbin/openrc-run")) return "openrc";
  if (has("/sbin/procd", "/etc/rc.common")) return "procd";
  if (has("/etc/runit", "/etc/sv")) return "runit";
  return "none";
}

/** The service of an init system for the program at `program`. */
export function serviceOf(init: Init, tree: Tree, prefix: string, program: string): Service {
  const adapted = (text: string) => text.replaceAll(PROGRAM, program);
  switch (init) {
    case "systemd": {
      // systemd looks for units below these two prefixes, and in /etc.
      const below = ["/usr", "/usr/local"].includes(prefix) ? `${prefix}/lib` : "/etc";
      const path = `${below}/systemd/system/baton.service`;
      return {
        files: [{ path, mode: 0o644, text: adapted(unit) }],
        enabled: [{ path: "/etc/systemd/system/multi-user.target.wants/baton.service", target: path }],
        start: "systemctl enable --now baton",
      };
    }
    case "openrc":
      return {
        files: [{ path: "/etc/init.d/baton", mode: 0o755, text: adapted(openrc) }],
        enabled: [{ path: "/etc/runlevels/default/baton", target: "/etc/init.d/baton" }],
        start: "rc-update add baton default && rc-service baton start",
      };
    case "procd":
      return {
        files: [{ path: "/etc/init.d/baton", mode: 0o755, text: adapted(procd) }],
        // The numbers are START and STOP of the script.
        enabled: [
          { path: "/etc/rc.d/S95baton", target: "../init.d/baton" },
          { path: "/etc/rc.d/K05baton", target: "../init.d/baton" },
        ],
        start: "/etc/init.d/baton enable && /etc/init.d/baton start",
      };
    case "runit": {
      const level = "/etc/runit/runsvdir/default";
      const directory = tree.has(level) ? level : "/etc/service";
      return {
        files: [
          { path: "/etc/sv/baton/run", mode: 0o755, text: adapted(run) },
          { path: "/etc/sv/baton/finish", mode: 0o755, text: adapted(finish) },
        ],
        enabled: [{ path: `${directory}/baton`, target: "/etc/sv/baton" }],
        start: `ln -s /etc/sv/baton ${directory}/`,
      };
    }
    case "none":
      return { files: [], enabled: [], start: null };
  }
}
