// The part of the status that is not of the protocol: routes and rules, sync groups, what is static.
import type { BfdFacts } from "./bfd.ts";
import type { GroupConfig, InstanceConfig, VirtualAddress } from "../config/model.ts";
import type { RouteConfig, RuleConfig, StaticConfig } from "../config/routing.ts";
import type { State } from "../messages.ts";

export interface AddressStatus {
  address: string;
  prefix_length: number;
  interface: string;
  held: boolean;
}

export interface RouteStatus {
  kind: "route" | "rule";
  /** As the configuration has it. */
  text: string;
  /** It is in the kernel. */
  held: boolean;
}

export interface GroupStatus {
  name: string;
  state: State;
  /** Names of instances. */
  members: string[];
}

export interface StaticStatus {
  addresses: AddressStatus[];
  routes: RouteStatus[];
}

/** What the control thread knows beside the instances. */
export interface WholeFacts {
  groups: readonly { config: GroupConfig; state: State }[];
  statics: StaticConfig;
  /** In the order of the file; missing = not there. */
  staticAddresses: readonly boolean[];
  /** Routes, then rules, likewise. */
  staticRoutes: readonly boolean[];
  sessions: readonly BfdFacts[];
}

/** Facts of a daemon that has nothing but instances. */
export const NOTHING_ELSE: WholeFacts = {
  groups: [],
  statics: { addresses: [], routes: [], rules: [] },
  staticAddresses: [],
  staticRoutes: [],
  sessions: [],
};

/** Addresses with whether each is there. */
export function addressStatus(
  addresses: readonly VirtualAddress[],
  held: readonly boolean[],
): AddressStatus[] {
  return addresses.map((entry, index) => ({
    address: entry.address,
    prefix_length: entry.prefixLength,
    interface: entry.interface,
    held: held[index] ?? false,
  }));
}

/** Routes, then rules, with whether each is there. */
export function routeStatus(
  { routes, rules }: Pick<InstanceConfig, "routes" | "rules">,
  held: readonly boolean[],
): RouteStatus[] {
  const status = (kind: RouteStatus["kind"], list: readonly (RouteConfig | RuleConfig)[], from: number) =>
    list.map(({ text }, index): RouteStatus => ({ kind, text, held: held[from + index] ?? false }));
  return [...status("route", routes, 0), ...status("rule", rules, routes.length)];
}

/** The sync groups in the order of the file. */
export function groupStatus({ groups }: WholeFacts): GroupStatus[] {
  return groups.map(({ config: { name, members }, state }) => ({ name, state, members: [...members] }));
}

/** Everything that is there for the life of the daemon. */
export function staticStatus({ statics, staticAddresses, staticRoutes }: WholeFacts): StaticStatus {
  return {
    addresses: addressStatus(statics.addresses, staticAddresses),
    routes: routeStatus(statics, staticRoutes),
  };
}
