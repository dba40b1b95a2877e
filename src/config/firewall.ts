// nftables, nftables_priority, nftables_ifindex, nftables_counters: how the packets to held addresses are dropped.
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { FirewallConfig } from "./model.ts";
import type { Settings } from "./settings.ts";
import { place, type Statement } from "./tree.ts";

/** NFT_NAME_MAXLEN of linux/netfilter/nf_tables.h is 256; there has to be room for a number behind it. */
const NAME_CHARACTERS = 240;

/** What is used where the file says nothing; keepalived's table has its own name, so that the two never meet. */
export const DEFAULT_FIREWALL: FirewallConfig = {
  table: "baton",
  priority: -1,
  byIndex: false,
  counters: false,
};

/** Reads what global_defs says of nftables. */
export function readFirewall(
  decoding: Decoding,
  settings: Settings,
  statements: readonly Statement[],
): FirewallConfig {
  warnOfIptables(decoding, settings, statements);
  return {
    table: readTable(decoding, settings),
    priority: settings.number("nftables_priority") ?? DEFAULT_FIREWALL.priority,
    byIndex: settings.boolean("nftables_ifindex") ?? DEFAULT_FIREWALL.byIndex,
    counters: settings.boolean("nftables_counters") ?? DEFAULT_FIREWALL.counters,
  };
}

/** keepalived takes vrrp_iptables for nftables, unless that was given above, and then knows its table. */
function warnOfIptables(
  { order, report }: Decoding,
  settings: Settings,
  statements: readonly Statement[],
): void {
  const own = settings.keywordSpan("nftables");
  const other = statements.find(({ words: [{ value }] }) => value === "vrrp_iptables");
  if (own === null || other === undefined || !order.isAfter(own, place(other))) return;
  const what = `keepalived ignores this line below vrrp_iptables, and baton uses it`;
  report.warning(own, `${what}; delete vrrp_iptables, so that both do the same`);
}

function readTable(decoding: Decoding, settings: Settings): string {
  const name = settings.text("nftables");
  if (name === undefined) return DEFAULT_FIREWALL.table;
  // As nft reads a name; another one could be made but not be listed or deleted by hand.
  if (/^[A-Za-z_.][\w./-]*$/.test(name) && name.length <= NAME_CHARACTERS) return name;
  const what = name.length > NAME_CHARACTERS
    ? `the name of the nftables table has more than ${NAME_CHARACTERS} characters`
    : `"${name}" cannot be the name of an nftables table`;
  const cure = "write letters, digits, _, - and . with a letter first";
  bad(decoding, settings.span("nftables")!, what, `${DEFAULT_FIREWALL.table} is used`, cure);
  return DEFAULT_FIREWALL.table;
}
