// What the process itself is to be like, before anything is opened: its network namespace, mask and name.
import { closeDescriptor } from "../../native/descriptor.ts";
import { enterNamespace, openNamespace } from "../../native/namespace.ts";
import type { DaemonSettings } from "../config/daemon.ts";
import type { Config } from "../config/model.ts";
import { FIXED, staying } from "./differences.ts";
import type { Log } from "./log.ts";

/** Where `ip netns` keeps its namespaces. */
const NAMESPACES = "/run/netns";

/** What a command line says; null or missing = nothing. */
export interface GivenSettings {
  namespace?: string | null;
  umask?: number | null;
  /** Every include must be there and readable. */
  allIncludes?: boolean;
  /** Nothing is withdrawn at the stop: it ends without a word. */
  keep?: boolean;
  /** Virtual addresses that were there before are withdrawn, too. */
  releaseForeign?: boolean;
  /** Each address that comes or goes is logged. */
  watchAddresses?: boolean;
  /** What names of core dumps are made of as long as the daemon runs; null = as it is. */
  corePattern?: string | null;
  /** No BFD session runs. */
  noBfd?: boolean;
}

/** The configuration with what a command line puts in the place of its settings. */
export function withGiven(config: Config, given: GivenSettings | undefined): Config {
  const { namespace = null, umask = null, keep = false } = given ?? {};
  const { daemon, instances } = config;
  return {
    ...config,
    daemon: { ...daemon, namespace: namespace ?? daemon.namespace, umask: umask ?? daemon.umask },
    // What is to stay must not expire.
    instances: keep ? instances.map((each) => ({ ...each, lease: false })) : instances,
  };
}

/**
 * Moves this thread, and every thread and program that it starts, to where they belong. Sockets are opened
 * afterwards. Throws SyscallError when there is no such namespace.
 */
export function beginProcess({ namespace, umask, name }: DaemonSettings, log: Log): void {
  if (umask !== null) process.umask(umask);
  if (namespace !== null) enterNamed(namespace);
  for (const each of [namespace, name]) if (each !== null) log.identify(each);
}

/** Moves this thread into a namespace of `ip netns`. Throws SyscallError when there is none of that name. */
export function enterNamed(name: string): void {
  const fd = openNamespace(`${NAMESPACES}/${name}`);
  enterNamespace(fd);
  closeDescriptor(fd);
}

/** The new configuration with what only a restart can change as it was; the log tells of it. */
export function staysAsItIs(running: DaemonSettings, config: Config, log: Log): Config {
  for (const text of staying(running, config.daemon)) log.write("warning", text);
  const fixed = Object.fromEntries(FIXED.map((field) => [field, running[field]]));
  return { ...config, daemon: { ...config.daemon, ...fixed } };
}
