// Keywords of virtual servers and their checkers, and what other blocks say of them: they have no effect yet.

/** Block, then one keyword a line: name :: arguments :: default :: meaning. */
export const LATER_LVS: Record<string, string> = {
  root: `
net_namespace_ipvs :: [NAME] :: same as net_namespace; empty = default namespace :: Namespace used for the IPVS socket only
SSL :: { } :: - :: TLS settings for SSL_GET (may be empty)
virtual_server_group :: NAME { entries } :: - :: Set of VIP/port or fwmark entries sharing real servers
virtual_server :: IP [PORT] | fwmark N | group NAME { } :: - :: One IPVS service
`,
  vrrp_instance: `
lvs_sync_daemon_interface :: IFNAME :: - :: Deprecated, use lvs_sync_daemon
`,
  virtual_server_group: `
IP[-LAST|/MASK] [PORT] :: entry :: - :: Address or range with port (no port = all ports, needs persistence)
fwmark :: N [inet|inet6] :: - :: Firewall mark entry
`,
  virtual_server: `
ip_family :: inet|inet6 :: from addresses :: Family of a fwmark service
retry :: N >= 1 :: checker default :: Default for checkers
delay_before_retry :: SECONDS :: checker default :: Default for checkers
warmup :: SECONDS :: = delay_loop :: Random initial delay of checkers, 0 = none
connect_timeout :: SECONDS :: 5 :: Default for checkers
delay_loop :: SECONDS :: 60 :: Default checker period
inhibit_on_failure :: - :: off :: Failed server gets weight 0 instead of removal
lb_algo :: rr|wrr|lc|wlc|lblc|lblcr|sh|mh|dh|fo|ovf|sed|nq|twos :: wlc :: IPVS scheduler
lvs_sched :: as lb_algo :: wlc :: Same as lb_algo
hashed :: - :: off :: Legacy flag
ops :: - :: off :: One packet scheduling (UDP)
flag-1 :: - :: off :: Scheduler flag 1
flag-2 :: - :: off :: Scheduler flag 2
flag-3 :: - :: off :: Scheduler flag 3
sh-port :: - :: off :: Source hash with port
sh-fallback :: - :: off :: Source hash falls back
mh-port :: - :: off :: Maglev hash with port
mh-fallback :: - :: off :: Maglev hash falls back
lb_kind :: NAT|DR|TUN [type ipip|gue port N [nocsum|csum|remcsum]|gre [nocsum|csum]] :: NAT (with a warning) :: Forwarding method
lvs_method :: as lb_kind :: NAT :: Same as lb_kind
persistence_engine :: NAME :: none :: Persistence engine, e.g. sip
persistence_timeout :: [SECONDS 1..2678400] :: off; bare = 360 :: Persistence
persistence_granularity :: NETMASK|PREFIX :: host :: Persistence mask
protocol :: TCP|UDP|SCTP :: none: taken as UDP with an error message :: Protocol
ha_suspend :: - :: off :: Run checks only while the VIP is present on the host
smtp_alert :: [BOOL] :: false :: Mail on quorum changes
virtualhost :: STRING :: none :: Host header of HTTP checks
snmp_name :: STRING :: none :: Name shown over SNMP
alpha :: - :: off :: Servers start as down
omega :: - :: off :: Send down notifies when stopping
quorum_up :: CMD :: none :: Run when quorum is gained
quorum_down :: CMD :: none :: Run when quorum is lost
quorum :: N >= 1 :: 1 :: Total weight of live servers needed; lowered to the total weight if larger
hysteresis :: N :: 0 :: Margin around quorum
weight :: N >= 1 :: 1 :: Default weight of servers
sorry_server :: IP [PORT] :: none :: Server used when quorum is lost
sorry_server_inhibit :: - :: off :: inhibit_on_failure for the sorry server
sorry_server_lvs_method :: as lb_kind :: = lvs_method :: Forwarding to the sorry server
real_server :: IP [PORT] { } :: - :: One server
`,
  real_server: `
weight :: 0..2147483647 :: 1 :: Weight
lvs_method :: as lb_kind :: of the service :: Forwarding
uthreshold :: N :: 0 :: Upper connection limit
lthreshold :: N :: 0 :: Lower connection limit
inhibit_on_failure :: [BOOL] :: of the service :: Weight 0 instead of removal
notify_up :: CMD :: none :: Run when added
notify_down :: CMD :: none :: Run when removed
alpha :: [BOOL] :: of the service :: Start as down
retry :: N :: of the service :: Default for checkers
delay_before_retry :: SECONDS :: of the service :: Default for checkers
warmup :: SECONDS :: of the service :: Default for checkers
connect_timeout :: SECONDS :: of the service :: Default for checkers
delay_loop :: SECONDS :: of the service :: Default for checkers
smtp_alert :: [BOOL] :: true :: Mail on state changes
virtualhost :: STRING :: of the service :: Host header
snmp_name :: STRING :: none :: Name shown over SNMP
HTTP_GET :: { } :: none :: HTTP check
SSL_GET :: { } :: none :: HTTPS check
TCP_CHECK :: { } :: none :: TCP connect check
SMTP_CHECK :: { } :: none :: SMTP dialogue check
DNS_CHECK :: { } :: none :: DNS query check
MISC_CHECK :: { } :: none :: Program check
UDP_CHECK :: { } :: none :: UDP check
PING_CHECK :: { } :: none :: ICMP echo check
BFD_CHECK :: { } :: none :: BFD session check
FILE_CHECK :: { } :: none :: Tracked file check
`,
  SSL: `
password :: STRING :: - :: Key pass phrase
ca :: PATH :: - :: CA file
certificate :: PATH :: - :: Client certificate
key :: PATH :: - :: Client key
`,
  "checker-common": `
connect_ip :: IP :: real server :: Check another address
connect_port :: 1..65535 :: real server port :: Check another port
bindto :: IP :: kernel :: Source address
bind_port :: 1..65535 :: kernel :: Source port
bind_if :: IFNAME :: none :: Interface for link-local or SO_BINDTODEVICE use
connect_timeout :: SECONDS :: 5 :: Timeout of one attempt
fwmark :: N :: 0 :: SO_MARK of the check
retry :: N :: 1 :: Extra attempts before failing
delay_before_retry :: SECONDS :: 1 :: Gap between attempts
warmup :: SECONDS :: delay_loop :: Random start delay
delay_loop :: SECONDS :: service :: Period
alpha :: [BOOL] :: service :: Start as failed
log_all_failures :: [BOOL] :: global :: Log each failed attempt
`,
  "HTTP_GET|SSL_GET": `
nb_get_retry :: N :: - :: Deprecated retry
virtualhost :: STRING :: server :: Host header
http_protocol :: 1.0|1.0C|1.1 :: 1.0 :: HTTP version; C = with Connection: close
enable_sni :: - :: off :: Send SNI (SSL_GET) from virtualhost
sni_name :: STRING :: none :: SNI name [newer than 2.2.7]
fast_recovery :: [BOOL] :: false :: After a failure one success restores without the retry delays
tls_compliant :: [BOOL] :: false :: Require a proper TLS close (SSL_GET) [newer than 2.2.7]
url :: { } :: required :: One or more requests per round
`,
  "HTTP_GET/url": `
path :: PATH :: / :: Request path
digest :: MD5 hex :: none :: Expected MD5 of the body
status_code :: N | A-B ... :: 200-299 :: Accepted codes
virtualhost :: STRING :: check :: Host header
regex :: PCRE2 :: none :: Expected text
regex_no_match :: - :: off :: Success when it does not match
regex_options :: NAME... :: none :: PCRE2 options
regex_min_offset :: N :: 0 :: Match start at least here
regex_max_offset :: N :: none :: Match start at most here
regex_stack :: START MAX :: PCRE2 default :: JIT stack
tls_compliant :: [BOOL] :: check :: As above per URL [newer than 2.2.7]
`,
  TCP_CHECK: `
(common options) :: - :: - :: Connect only
`,
  PING_CHECK: `
(common options) :: - :: - :: ICMP echo through a datagram ping socket
`,
  SMTP_CHECK: `
helo_name :: STRING :: smtpchecker.keepalived.org :: HELO argument
host :: { common options } :: - :: Legacy list of targets (build option)
`,
  DNS_CHECK: `
type :: A|NS|CNAME|SOA|MX|TXT|AAAA|RRSIG|DNSKEY :: SOA :: Query type
name :: STRING :: . :: Query name (retry default 3)
`,
  MISC_CHECK: `
misc_path :: CMD :: required :: Program; 0 = good
misc_timeout :: SECONDS :: delay_loop :: Limit
misc_dynamic :: - :: off :: Exit 2..255 = good with weight exit-2
user :: USER [GROUP] :: script_user :: Identity (retry default 0)
`,
  UDP_CHECK: `
payload :: HEX :: built-in buffer :: Data sent
require_reply :: [HEX with ? wild cards] :: off: no ICMP error = good :: Reply needed
min_reply_length :: 0..65535 :: 0 :: Shortest reply
max_reply_length :: 0..65535 :: 255 :: Longest reply
`,
  BFD_CHECK: `
name :: BFD-INSTANCE :: required :: Session
alpha :: [BOOL] :: service :: Start as failed
`,
  FILE_CHECK: `
track_file :: NAME :: required :: Tracked file
weight :: -2147483647..2147483647 [reverse] :: 1 :: Factor on the file value, added to the server weight
`,
};
