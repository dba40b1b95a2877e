// The configuration reference (config/README.md), from the table of keywords.
import { KEYWORDS } from "./keywords.ts";
import type { Keyword } from "./keywords/types.ts";
import { NEWER_LINE } from "./reference_newer.ts";
import { VMAC_SECTION } from "./reference_vmac.ts";

const TITLES: Record<string, string> = {
  directives: "Directives (keepalived.conf only)",
  root: "Top level",
  "track-entry": "Entries of track_interface, track_script, track_file, track_process and track_bfd",
  "address-entry": "Entries of virtual_ipaddress, virtual_ipaddress_excluded and static_ipaddress",
  "route-entry": "Entries of virtual_routes and static_routes",
  "rule-entry": "Entries of virtual_rules and static_rules",
  "vrrp_instance/unicast_peer-entry": "Entries of unicast_peer",
};

const HEAD = `<!-- deno-fmt-ignore-file -->
<!-- Generated from src/config/keywords: UPDATE_GOLDEN=1 bun test test/unit/config/reference.test.ts -->
# Configuration reference

baton reads keepalived.conf as it is, or YAML with the same words when the file ends in .yaml or .yml.
\`baton check FILE\` tells what is wrong, where, and what to do. Samples: [keepalived.conf](keepalived.conf),
[baton.yaml](baton.yaml). Editors find the YAML syntax in [schema.json](schema.json).

## The two syntaxes
| | keepalived.conf | YAML |
| --- | --- | --- |
| a block | \`vrrp_instance VI_1 { ... }\` | \`vrrp_instance: { VI_1: { ... } }\` |
| a keyword without argument | \`nopreempt\` | \`nopreempt: true\` |
| a time | seconds: \`advert_int 0.1\` | seconds, or with a unit (us, ms, s, m, h): \`advert_int: 100ms\` |
| a block of lines | \`virtual_ipaddress { 192.0.2.1/24 dev eth0 }\` | \`virtual_ipaddress: [192.0.2.1/24 dev eth0]\` |
| options of a line | \`track_script { chk weight -20 }\` | \`track_script: { chk: { weight: -20 } }\` |
| a command | \`script "/path/to/it argument"\` | \`script: /path/to/it argument\` or \`[/path/to/it, argument]\` |
| a command's user | \`notify "/path" USER GROUP\` | \`notify: { command: /path, user: USER GROUP }\` |
| an unknown word | a warning; the line is ignored | an error |
| a value out of range | a warning; the default is used | an error |
| what a line uses by name (\`vrrp_script\`, \`track_file\`, \`vrrp_track_process\`, \`bfd_instance\`, \`track_group\`) | stands above that line: keepalived looks upwards only, and what is defined below is not used, with a warning | stands anywhere |
| a user or group by its number | used, with a warning: keepalived takes it for a name | used |

In keepalived.conf a comment starts at \`#\` or \`!\` outside double quotes (\`\\#\` and \`\\!\` are literal). A command with
arguments stands in double quotes; single quotes and backslashes inside it work as in a shell, but no shell runs it.

\`baton convert FILE --to yaml\` (or \`--to conf\`) writes the same configuration in the other syntax and keeps the
comments. Includes, \`@ID\` lines, definitions and repetitions are written out as they read on this machine; what has
no effect becomes a comment. The result is read again and given only if it means the same: of a line that YAML
refuses and keepalived.conf reads as something else, an error names the place. Editors check YAML against
[schema.json](schema.json) when its first line is \`# yaml-language-server: $schema=PATH-OR-URL/schema.json\`.

${NEWER_LINE}`;

const HAPPENS = `# What happens when
| case | answer |
| --- | --- |
| more addresses than an advert can name (255 IPv4, 90 IPv6) | \`check\` and the log warn; the rest counts as \`virtual_ipaddress_excluded\`: held, and not announced in adverts |
| an advert longer than the MTU of its interface | FAULT, with both numbers in the reason, until the MTU grows or a reload announces fewer addresses; keepalived becomes master unheard |
| an interface that is absent, down, without carrier or without address | FAULT that names it; the instance takes part as soon as that is over. \`interface_up_down_delays\` keeps a flapping one out |
| an interface that is deleted and made again, or renamed | followed by its name, with its new index, as keepalived does with \`dynamic_interfaces\`: that is always in force here |
| a bridge, bond, VLAN, VRF or macvlan as the interface | as any interface: its carrier is what the kernel says it is. Give a bridge without spanning tree no forward delay, and a bond \`miimon\`, or they carry while nothing gets through |
| a bond whose active port fails | the instance goes on by the next port. The kernel announces the addresses that stand on the bond (\`num_grat_arp\`, \`num_unsol_na\`); switches learn the new port of a VMAC from the next advert |
| somebody removes a virtual address | it is put back within a second, announced again, counted (\`address_losses\`) and logged; the instance stays master. With \`no_track\` it stays away. keepalived gives up mastership |
| somebody removes them again and again | once a second they are put back; the log says each time which |
| somebody removes the address that adverts are sent from | the next one of the interface is used; without one FAULT until there is one |
| somebody removes a static address, route or rule | it is put back; with \`no_track\` not; an instance of its \`track_group\` is at FAULT only where that is impossible |
| a virtual address that was configured before the start | counts as held, is announced, gets no lifetime and stays when baton goes; on two routers at once it is a duplicate address, so leave virtual addresses out of the network configuration. Once its owner removes it baton adds its own |
| others change the machine's network all the time: containers come and go, a card is reset | the kernel lets one at a time do so (rtnl). Adverts and the renewal of lifetimes go on; a takeover waits for its turn. Where io_uring is forbidden (a container's seccomp profile, \`kernel.io_uring_disabled\`) adverts wait while lifetimes are renewed: allow it, or set \`vip_lease off\` where adverts are faster than a second |
| the daemon is killed | addresses end with their lifetime, static ones and routes with the next start, \`baton cleanup\` or the service unit's clean-up; changed kernel parameters are put back then |

systemd-networkd removes addresses, routes and rules that it has not made when it starts or reconfigures an
interface. Tell it not to:

    # /etc/systemd/networkd.conf.d/baton.conf
    [Network]
    ManageForeignRoutes=no
    ManageForeignRoutingPolicyRules=no

    # in the .network file of the interface
    [Network]
    KeepConfiguration=yes

NetworkManager leaves other addresses alone until it activates a connection anew; then it flushes them. Without
further settings they are back within a second; an interface that only baton and static files manage is best taken
from it:

    # /etc/NetworkManager/conf.d/baton.conf
    [keyfile]
    unmanaged-devices=interface-name:eth0

**A preferred lifetime and vip_lease.** An address lives as long as the running daemon renews it (\`vip_lease\`), and
is a source of new connections for \`preferred_lft\` after it was added. Each renewal carries what is left of that,
so the address turns deprecated on time and stays. \`preferred_lft 0\` is deprecated from the start.

`;

/** The text of config/README.md. */
export function referencePage(): string {
  const now: string[] = [];
  const later: string[] = [];
  const accepted: string[] = [];
  for (const [block, rows] of KEYWORDS) {
    const withEffect = [...rows.values()].filter(({ effect }) => effect === true);
    const without = [...rows.values()].filter(({ effect }) => effect === "not yet");
    const never = [...rows.values()].filter(({ effect }) => effect === "none");
    const title = TITLES[block] ?? block;
    if (withEffect.length > 0) now.push(section(title, withEffect));
    if (without.length > 0) later.push(section(title, without));
    if (never.length > 0) accepted.push(reasons(title, never));
  }
  const note = "These are known and skipped with one warning each; what surrounds them is used.\n\n";
  const forGood =
    "These are known and change nothing, now or later; `baton check` notes each once, with the reason.\n\n";
  return `${HEAD}${now.join("")}${VMAC_SECTION}${HAPPENS}# Accepted, without effect\n\n${forGood}${
    accepted.join("")
  }` +
    `# Keywords without effect yet\n\n${note}${later.join("")}`;
}

function reasons(title: string, rows: Keyword[]): string {
  const lines = rows.map(({ name, reason }) => `| \`${name}\` | ${reason} |\n`);
  return `## ${title}\n| keyword | why |\n| --- | --- |\n${lines.join("")}\n`;
}

function section(title: string, rows: Keyword[]): string {
  const head = `## ${title}\n| keyword | argument | default | meaning |\n| --- | --- | --- | --- |\n`;
  return `${head}${rows.map(line).join("")}\n`;
}

function line({ name, argument, default: fallback, meaning, own }: Keyword): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const code = (text: string) => text === "-" ? "" : `\`${cell(text)}\``;
  const extra = own ? " (baton's own)" : "";
  return `| ${code(name)} | ${code(argument)} | ${fallback === "-" ? "" : cell(fallback)} | ${
    cell(meaning)
  }${extra} |\n`;
}
