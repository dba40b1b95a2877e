// Words of route and rule entries, which have no effect yet.

/** Block, then one keyword a line: name :: arguments :: default :: meaning. */
export const LATER_KERNEL: Record<string, string> = {
  "route-entry": `
[to] DEST :: prefix|default :: required :: Destination, optionally after a type word (unicast local broadcast multicast throw unreachable prohibit blackhole nat)
inet :: - :: from addresses :: Force IPv4
inet6 :: - :: from addresses :: Force IPv6
src :: IP :: none :: Preferred source
as :: [to] IP :: - :: Translated destination (nat)
via :: [inet|inet6] IP :: none :: Gateway
gw :: IP :: - :: Deprecated via
from :: PREFIX :: - :: IPv6 source prefix
or :: nexthop list :: - :: Deprecated two gateway form
tos :: TOS :: 0 :: Type of service
dsfield :: TOS :: - :: Same as tos
table :: NAME|N :: main :: Table
protocol :: NAME|N :: keepalived (18); tracked entries are forced to it :: Route protocol
scope :: SCOPE :: by type :: Scope
metric :: N :: kernel :: Metric
priority :: N :: - :: Same as metric
preference :: N :: - :: Same as metric
dev :: IFNAME :: none :: Output interface
oif :: IFNAME :: - :: Same as dev
onlink :: - :: off :: Gateway is on link
encap :: ip|ip6|mpls|ila ... args :: none :: Lightweight tunnel encapsulation
expires :: SECONDS :: never :: IPv6 expiry
mtu :: [lock] N :: kernel :: Path MTU
hoplimit :: N :: kernel :: Hop limit
advmss :: [lock] N :: kernel :: MSS
rtt :: TIME :: kernel :: Initial RTT
rttvar :: TIME :: kernel :: Initial RTT variance
reordering :: N :: kernel :: TCP reordering
window :: N :: kernel :: TCP window
cwnd :: N :: kernel :: Congestion window clamp
ssthresh :: N :: kernel :: Slow start threshold
realms :: [SRC/]DST :: none :: Realms
rto_min :: TIME :: kernel :: Minimum RTO
initcwnd :: N :: kernel :: Initial congestion window
initrwnd :: N :: kernel :: Initial receive window
features :: ecn :: none :: TCP features
quickack :: 0|1 :: kernel :: Quick ACK
congctl :: [lock] NAME :: kernel :: Congestion control
pref :: low|medium|high :: medium :: IPv6 router preference
ttl-propagate :: enabled|disabled :: kernel :: MPLS TTL
fastopen_no_cookie :: 0|1 :: kernel :: TCP fast open
add :: - :: replace semantics :: Fail if it exists
prepend :: - :: - :: Insert before
append :: - :: - :: Insert after
nexthop :: [via IP] [dev IF] [weight N] [onlink] [encap ..] [realms ..] [as ..] :: none :: Multipath member
vrf :: IFNAME :: none :: Table of that VRF
no_track :: - :: off :: Do not react to deletion
track_group :: NAME :: none :: Static only
`,
  "rule-entry": `
inet :: - :: from addresses :: Force IPv4
inet6 :: - :: from addresses :: Force IPv6
not :: - :: off :: Negate the selector
from :: PREFIX|all :: all :: Source
to :: PREFIX|all :: all :: Destination
table :: NAME|N :: - :: Table looked up
lookup :: NAME|N :: - :: Same as table
preference :: N :: assigned 16384, 16383, ... per family, with a warning :: Rule priority; give it always
order :: N :: - :: Same as preference
priority :: N :: - :: Same as preference
tos :: TOS :: - :: Type of service
dsfield :: TOS :: - :: Same as tos
fwmark :: MARK[/MASK] :: - :: Firewall mark
realms :: [SRC/]DST :: - :: Realms
suppress_prefixlength :: N :: - :: Reject routes with a prefix this short
sup_pl :: N :: - :: Short form
suppress_ifgroup :: GROUP :: - :: Reject routes over the group
sup_group :: GROUP :: - :: Short form
dev :: IFNAME :: - :: Input interface
iif :: IFNAME :: - :: Input interface
oif :: IFNAME :: - :: Output interface
tunnel-id :: N :: - :: Tunnel key
uidrange :: A-B :: - :: User ids
l3mdev :: - :: - :: VRF table
protocol :: NAME|N :: keepalived (18) when tracked :: Rule protocol
ipproto :: NAME|N :: - :: IP protocol (man page example spells it ip_proto)
sport :: A-B :: - :: Source ports; a single port is refused by the code
dport :: A-B :: - :: Destination ports; same flaw
goto :: PREF :: - :: Jump
nop :: - :: - :: Do nothing
blackhole :: - :: - :: Drop silently
unreachable :: - :: - :: Reject
prohibit :: - :: - :: Reject, prohibited
no_track :: - :: off :: Do not react to deletion
track_group :: NAME :: none :: Static only
`,
};
