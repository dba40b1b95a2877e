// The sections of keepalived.data that belong to no single instance: static entries, track groups, sync groups.
import type { InstanceFacts } from "../../status/snapshot.ts";
import { addressText, type Commands, type DumpFacts, notifyLines } from "./facts.ts";
import { routeText, ruleText } from "./routing.ts";

/** Title and lines of each section that stands before the instances; those without lines are left out. */
export function staticSections({ config, whole }: DumpFacts): [title: string, lines: string[]][] {
  const { addresses, routes, rules } = config.statics;
  const indented = (texts: string[]) => texts.map((text) => `     ${text}`);
  const groups = Map.groupBy(
    config.instances.flatMap(({ name, trackGroups }) => trackGroups.map((group) => ({ group, name }))),
    ({ group }) => group,
  );
  const sections: [string, string[]][] = [
    [
      "Static Addresses",
      indented(addresses.map((a, i) => addressText(a, whole.staticAddresses[i] ?? false))),
    ],
    ["Static Routes", indented(routes.map(routeText))],
    ["Static Rules", indented(rules.map(ruleText))],
    [
      "Static Track groups",
      [...groups].flatMap(([group, members]) => [
        ` Static Track Group = ${group}`,
        "   VRRP member instances :",
        ...indented(members.map(({ name }) => name)),
      ]),
    ],
  ];
  return sections.filter(([, lines]) => lines.length > 0);
}

/** The lines of all sync groups. */
export function groupLines({ whole, instances }: DumpFacts, commands: Commands): string[] {
  const all = new Map(instances.map(({ facts }) => [facts.config.name, facts]));
  return whole.groups.flatMap(({ config: { name, members, notify }, state }) => {
    const count = (wanted: InstanceFacts["state"]) =>
      members.filter((member) => all.get(member)?.state === wanted).length;
    return [
      ` VRRP Sync Group = ${name}, ${state}`,
      `   Num member fault ${count("FAULT")}, num member init ${count("INIT")}`,
      "   VRRP member instances :",
      ...members.map((member) => `     ${member}`),
      `   Using smtp notification = ${notify.mail ? "yes" : "no"}`,
      ...notifyLines(notify, commands),
    ];
  });
}
