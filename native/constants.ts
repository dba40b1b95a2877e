// Every constant of the kernel and the C library that this program uses, one table per header.
//
// The values are those of x86-64 and aarch64, which agree except where a table says otherwise; test/abi
// compares each with the headers of both.

/** bits/socket.h and asm-generic/socket.h, through sys/socket.h. */
export const SOCKET = {
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  AF_NETLINK: 16,
  AF_PACKET: 17,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_CLOEXEC: 0x80000,
  SOCK_NONBLOCK: 0x800,
  SOL_SOCKET: 1,
  SOL_RAW: 255,
  SOL_PACKET: 263,
  SOL_NETLINK: 270,
  SO_BINDTODEVICE: 25,
  SO_BINDTOIFINDEX: 62,
  SO_PRIORITY: 12,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_SNDBUFFORCE: 32,
  SO_RCVBUFFORCE: 33,
  SO_ATTACH_FILTER: 26,
  SO_TIMESTAMPNS: 35,
  SCM_TIMESTAMPNS: 35,
  MSG_CTRUNC: 8,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
} as const;

/** linux/in.h */
export const IN = {
  IPPROTO_IP: 0,
  IPPROTO_ICMP: 1,
  IPPROTO_IPV6: 41,
  IPPROTO_AH: 51,
  IPPROTO_RAW: 255,
  IP_MULTICAST_LOOP: 34,
  IP_ADD_MEMBERSHIP: 35,
  IP_DROP_MEMBERSHIP: 36,
  IP_MULTICAST_ALL: 49,
  IP_PKTINFO: 8,
  IPPROTO_UDP: 17,
  IP_TOS: 1,
  IP_TTL: 2,
  IP_RECVTTL: 12,
} as const;

/** linux/in6.h */
export const IN6 = {
  IPPROTO_ICMPV6: 58,
  IPV6_MULTICAST_LOOP: 19,
  IPV6_ADD_MEMBERSHIP: 20,
  IPV6_DROP_MEMBERSHIP: 21,
  IPV6_RECVPKTINFO: 49,
  IPV6_PKTINFO: 50,
  IPV6_RECVHOPLIMIT: 51,
  IPV6_HOPLIMIT: 52,
  IPV6_UNICAST_HOPS: 16,
  IPV6_V6ONLY: 26,
  IPV6_TCLASS: 67,
} as const;

/** linux/icmp.h */
export const ICMP = { ICMP_ECHOREPLY: 0, ICMP_ECHO: 8, ICMP_FILTER: 1 } as const;
/** linux/icmpv6.h */
export const ICMPV6 = { ICMPV6_ECHO_REQUEST: 128, ICMPV6_ECHO_REPLY: 129 } as const;

/** netinet/icmp6.h */
export const ICMP6 = { ND_NEIGHBOR_ADVERT: 136, ND_OPT_TARGET_LINKADDR: 2 } as const;

/** linux/if_ether.h */
export const IF_ETHER = { ETH_P_ALL: 3, ETH_P_IP: 0x0800, ETH_P_ARP: 0x0806, ETH_P_IPV6: 0x86dd } as const;

/** linux/if_packet.h */
export const IF_PACKET = { PACKET_OUTGOING: 4 } as const;

/** linux/if_arp.h */
export const IF_ARP = { ARPHRD_ETHER: 1, ARPHRD_INFINIBAND: 32, ARPHRD_LOOPBACK: 772 } as const;

/** linux/if.h */
export const IF = {
  IFNAMSIZ: 16,
  IFF_UP: 1,
  IFF_BROADCAST: 2,
  IFF_LOOPBACK: 8,
  IFF_POINTOPOINT: 0x10,
  IFF_RUNNING: 0x40,
  IFF_NOARP: 0x80,
  IFF_MULTICAST: 0x1000,
  IFF_LOWER_UP: 0x10000,
  IF_OPER_UNKNOWN: 0,
  IF_OPER_NOTPRESENT: 1,
  IF_OPER_DOWN: 2,
  IF_OPER_LOWERLAYERDOWN: 3,
  IF_OPER_TESTING: 4,
  IF_OPER_DORMANT: 5,
  IF_OPER_UP: 6,
} as const;

/** linux/sockios.h */
export const SOCKIOS = {
  SIOCGIFFLAGS: 0x8913,
  SIOCETHTOOL: 0x8946,
  SIOCGMIIPHY: 0x8947,
  SIOCGMIIREG: 0x8948,
} as const;
/** linux/mii.h */
export const MII = { MII_BMSR: 1, BMSR_LSTATUS: 4 } as const;
/** linux/ethtool.h */
export const ETHTOOL = { ETHTOOL_GLINK: 0x0a } as const;

/** linux/filter.h with linux/bpf_common.h */
export const FILTER = {
  BPF_LD: 0x00,
  BPF_JMP: 0x05,
  BPF_RET: 0x06,
  BPF_W: 0x00,
  BPF_B: 0x10,
  BPF_ABS: 0x20,
  BPF_JEQ: 0x10,
  BPF_K: 0x00,
} as const;

/** sys/epoll.h */
export const EPOLL = {
  EPOLL_CLOEXEC: 0x80000,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLLIN: 1,
  EPOLLOUT: 4,
  EPOLLERR: 8,
  EPOLLHUP: 16,
} as const;

/** sys/eventfd.h */
export const EVENTFD = { EFD_CLOEXEC: 0x80000, EFD_NONBLOCK: 0x800 } as const;

/** sys/timerfd.h */
export const TIMERFD = { TFD_CLOEXEC: 0x80000, TFD_NONBLOCK: 0x800, TFD_TIMER_ABSTIME: 1 } as const;

/** time.h */
export const TIME = { CLOCK_REALTIME: 0, CLOCK_MONOTONIC: 1 } as const;

/** sched.h (with _GNU_SOURCE) */
export const SCHED = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RESET_ON_FORK: 0x40000000,
  CLONE_NEWNET: 0x40000000,
} as const;

/** sys/resource.h */
export const RESOURCE = { PRIO_PROCESS: 0, RLIMIT_CORE: 4, RLIMIT_RTTIME: 15 } as const;
/** sys/resource.h: no limit. */
export const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn;

/** sys/mman.h (with _GNU_SOURCE) */
export const MMAN = {
  MCL_CURRENT: 1,
  MCL_FUTURE: 2,
  MCL_ONFAULT: 4,
  PROT_READ: 1,
  PROT_WRITE: 2,
  PROT_EXEC: 4,
  MAP_PRIVATE: 2,
  MAP_ANONYMOUS: 0x20,
  MADV_DONTNEED: 4,
} as const;

/** linux/prctl.h */
export const PRCTL = {
  PR_SET_PDEATHSIG: 1,
  PR_GET_PDEATHSIG: 2,
  PR_GET_DUMPABLE: 3,
  PR_SET_DUMPABLE: 4,
  PR_SET_TIMERSLACK: 29,
} as const;

/** fcntl.h */
export const FCNTL = {
  O_RDONLY: 0,
  O_RDWR: 2,
  O_CREAT: 0o100,
  O_NONBLOCK: 0o4000,
  O_ASYNC: 0o20000,
  O_CLOEXEC: 0o2000000,
  F_SETFL: 4,
  F_SETOWN_EX: 15,
  F_OWNER_TID: 0,
} as const;

/** sys/file.h */
export const FILE = { LOCK_EX: 2, LOCK_NB: 4 } as const;

/** sys/inotify.h */
export const INOTIFY = {
  IN_CLOEXEC: 0o2000000,
  IN_NONBLOCK: 0o4000,
  IN_CLOSE_WRITE: 0x8,
  IN_MOVED_FROM: 0x40,
  IN_MOVED_TO: 0x80,
  IN_CREATE: 0x100,
  IN_DELETE: 0x200,
  IN_DELETE_SELF: 0x400,
  IN_MOVE_SELF: 0x800,
  IN_IGNORED: 0x8000,
  IN_ONLYDIR: 0x1000000,
} as const;

/** poll.h */
export const POLL = { POLLIN: 1 } as const;

/** signal.h; the handler value SIG_IGN as a number. */
export const SIGNAL = { SIG_IGN: 1, SIGINT: 2, SIGTERM: 15, SA_RESTART: 0x1000_0000 } as const;

/** linux/netlink.h */
export const NETLINK = {
  NETLINK_ROUTE: 0,
  NETLINK_CONNECTOR: 11,
  NETLINK_NETFILTER: 12,
  NLM_F_REQUEST: 1,
  NLM_F_MULTI: 2,
  NLM_F_ACK: 4,
  NLM_F_DUMP_INTR: 0x10,
  NLM_F_DUMP: 0x300,
  NLM_F_REPLACE: 0x100,
  NLM_F_EXCL: 0x200,
  NLM_F_CREATE: 0x400,
  NLM_F_APPEND: 0x800,
  NLM_F_CAPPED: 0x100,
  NLM_F_ACK_TLVS: 0x200,
  NLMSG_NOOP: 1,
  NLMSG_ERROR: 2,
  NLMSG_DONE: 3,
  NLMSG_OVERRUN: 4,
  NLMSGERR_ATTR_MSG: 1,
  NLA_F_NESTED: 0x8000,
  NLA_F_NET_BYTEORDER: 0x4000,
  NETLINK_ADD_MEMBERSHIP: 1,
  NETLINK_CAP_ACK: 10,
  NETLINK_EXT_ACK: 11,
  NETLINK_GET_STRICT_CHK: 12,
} as const;

/** linux/connector.h */
export const CONNECTOR = { CN_IDX_PROC: 1, CN_VAL_PROC: 1 } as const;

/** linux/cn_proc.h */
export const CN_PROC = {
  PROC_CN_MCAST_LISTEN: 1,
  PROC_EVENT_FORK: 1,
  PROC_EVENT_EXEC: 2,
  PROC_EVENT_COMM: 0x200,
  PROC_EVENT_EXIT: 0x80000000,
} as const;

/** linux/rtnetlink.h */
export const RTNETLINK = {
  RTM_NEWLINK: 16,
  RTM_DELLINK: 17,
  RTM_GETLINK: 18,
  RTM_NEWADDR: 20,
  RTM_DELADDR: 21,
  RTM_GETADDR: 22,
  RTM_NEWROUTE: 24,
  RTM_DELROUTE: 25,
  RTM_GETROUTE: 26,
  RTM_NEWRULE: 32,
  RTM_DELRULE: 33,
  RTM_GETRULE: 34,
  RTNLGRP_LINK: 1,
  RTNLGRP_IPV4_IFADDR: 5,
  RTNLGRP_IPV4_ROUTE: 7,
  RTNLGRP_IPV4_RULE: 8,
  RTNLGRP_IPV6_IFADDR: 9,
  RTNLGRP_IPV6_ROUTE: 11,
  RTNLGRP_IPV6_RULE: 19,
  RTN_UNICAST: 1,
  RTN_LOCAL: 2,
  RTN_BROADCAST: 3,
  RTN_ANYCAST: 4,
  RTN_MULTICAST: 5,
  RTN_BLACKHOLE: 6,
  RTN_UNREACHABLE: 7,
  RTN_PROHIBIT: 8,
  RTN_THROW: 9,
  RT_TABLE_UNSPEC: 0,
  RT_TABLE_DEFAULT: 253,
  RT_TABLE_LOCAL: 255,
  RT_SCOPE_NOWHERE: 255,
  RTM_F_CLONED: 0x200,
  RTNH_F_ONLINK: 4,
  RT_TABLE_MAIN: 254,
  RT_SCOPE_UNIVERSE: 0,
  RT_SCOPE_SITE: 200,
  RT_SCOPE_LINK: 253,
  RT_SCOPE_HOST: 254,
  RTPROT_STATIC: 4,
  RTA_DST: 1,
  RTA_SRC: 2,
  RTA_OIF: 4,
  RTA_GATEWAY: 5,
  RTA_PRIORITY: 6,
  RTA_PREFSRC: 7,
  RTA_METRICS: 8,
  RTA_MULTIPATH: 9,
  RTA_FLOW: 11,
  RTA_TABLE: 15,
  RTA_VIA: 18,
  RTA_PREF: 20,
  RTA_ENCAP_TYPE: 21,
  RTA_ENCAP: 22,
  RTA_EXPIRES: 23,
  RTAX_LOCK: 1,
  RTAX_MTU: 2,
  RTAX_WINDOW: 3,
  RTAX_RTT: 4,
  RTAX_RTTVAR: 5,
  RTAX_SSTHRESH: 6,
  RTAX_CWND: 7,
  RTAX_ADVMSS: 8,
  RTAX_REORDERING: 9,
  RTAX_HOPLIMIT: 10,
  RTAX_INITCWND: 11,
  RTAX_FEATURES: 12,
  RTAX_RTO_MIN: 13,
  RTAX_INITRWND: 14,
  RTAX_QUICKACK: 15,
  RTAX_CC_ALGO: 16,
  RTAX_FASTOPEN_NO_COOKIE: 17,
  RTAX_FEATURE_ECN: 1,
  RTEXT_FILTER_SKIP_STATS: 8,
} as const;

/** linux/lwtunnel.h and linux/mpls_iptunnel.h */
export const LWTUNNEL = {
  LWTUNNEL_ENCAP_MPLS: 1,
  LWTUNNEL_ENCAP_IP: 2,
  LWTUNNEL_ENCAP_IP6: 4,
  LWTUNNEL_IP_ID: 1,
  LWTUNNEL_IP_DST: 2,
  LWTUNNEL_IP_SRC: 3,
  LWTUNNEL_IP_TTL: 4,
  LWTUNNEL_IP_TOS: 5,
  LWTUNNEL_IP6_ID: 1,
  LWTUNNEL_IP6_DST: 2,
  LWTUNNEL_IP6_SRC: 3,
  LWTUNNEL_IP6_HOPLIMIT: 4,
  LWTUNNEL_IP6_TC: 5,
  MPLS_IPTUNNEL_DST: 1,
  MPLS_IPTUNNEL_TTL: 2,
} as const;

/** linux/fib_rules.h */
export const FIB_RULES = {
  FIB_RULE_INVERT: 2,
  FRA_DST: 1,
  FRA_SRC: 2,
  FRA_IIFNAME: 3,
  FRA_GOTO: 4,
  FRA_PRIORITY: 6,
  FRA_FWMARK: 10,
  FRA_FLOW: 11,
  FRA_TUN_ID: 12,
  FRA_SUPPRESS_IFGROUP: 13,
  FRA_SUPPRESS_PREFIXLEN: 14,
  FRA_TABLE: 15,
  FRA_FWMASK: 16,
  FRA_OIFNAME: 17,
  FRA_PAD: 18,
  FRA_L3MDEV: 19,
  FRA_UID_RANGE: 20,
  FRA_PROTOCOL: 21,
  FRA_IP_PROTO: 22,
  FRA_SPORT_RANGE: 23,
  FRA_DPORT_RANGE: 24,
  FR_ACT_TO_TBL: 1,
  FR_ACT_GOTO: 2,
  FR_ACT_NOP: 3,
  FR_ACT_BLACKHOLE: 6,
  FR_ACT_UNREACHABLE: 7,
  FR_ACT_PROHIBIT: 8,
} as const;

/** linux/if_addr.h; IFA_PROTO is newer than the headers of some distributions. */
export const IF_ADDR = {
  IFA_ADDRESS: 1,
  IFA_LOCAL: 2,
  IFA_LABEL: 3,
  IFA_BROADCAST: 4,
  IFA_CACHEINFO: 6,
  IFA_FLAGS: 8,
  IFA_PROTO: 11,
  IFA_F_SECONDARY: 0x01,
  IFA_F_NODAD: 0x02,
  IFA_F_DADFAILED: 0x08,
  IFA_F_HOMEADDRESS: 0x10,
  IFA_F_DEPRECATED: 0x20,
  IFA_F_TENTATIVE: 0x40,
  IFA_F_PERMANENT: 0x80,
  IFA_F_MANAGETEMPADDR: 0x100,
  IFA_F_NOPREFIXROUTE: 0x200,
  IFA_F_MCAUTOJOIN: 0x400,
} as const;

/** linux/if_link.h */
export const IF_LINK = {
  IFLA_ADDRESS: 1,
  IFLA_IFNAME: 3,
  IFLA_MTU: 4,
  IFLA_LINK: 5,
  IFLA_MASTER: 10,
  IFLA_OPERSTATE: 16,
  IFLA_LINKINFO: 18,
  IFLA_IFALIAS: 20,
  IFLA_AF_SPEC: 26,
  IFLA_GROUP: 27,
  IFLA_NET_NS_FD: 28,
  IFLA_EXT_MASK: 29,
  IFLA_INFO_KIND: 1,
  IFLA_INFO_DATA: 2,
  IFLA_VRF_TABLE: 1,
  IFLA_MACVLAN_MODE: 1,
  MACVLAN_MODE_PRIVATE: 1,
  MACVLAN_MODE_BRIDGE: 4,
  IFLA_IPVLAN_MODE: 1,
  IFLA_IPVLAN_FLAGS: 2,
  IPVLAN_MODE_L2: 0,
  IPVLAN_F_PRIVATE: 0x01,
  IPVLAN_F_VEPA: 0x02,
  IFLA_INET_CONF: 1,
  IFLA_INET6_ADDR_GEN_MODE: 8,
  IN6_ADDR_GEN_MODE_EUI64: 0,
  IN6_ADDR_GEN_MODE_NONE: 1,
} as const;

/** linux/netfilter.h and linux/netfilter/nfnetlink.h */
export const NETFILTER = {
  NF_DROP: 0,
  NF_ACCEPT: 1,
  NF_INET_LOCAL_IN: 1,
  NF_INET_LOCAL_OUT: 3,
  NFPROTO_UNSPEC: 0,
  NFPROTO_INET: 1,
  NFPROTO_IPV4: 2,
  NFPROTO_IPV6: 10,
  NFNETLINK_V0: 0,
  NFNL_SUBSYS_NFTABLES: 10,
  NFNL_MSG_BATCH_BEGIN: 16,
  NFNL_MSG_BATCH_END: 17,
} as const;

/** linux/netfilter/nf_tables.h; NFT_TABLE_F_OWNER is newer than the headers of some distributions. */
export const NF_TABLES = {
  NFT_MSG_NEWTABLE: 0,
  NFT_MSG_DELTABLE: 2,
  NFT_MSG_NEWCHAIN: 3,
  NFT_MSG_NEWRULE: 6,
  NFT_MSG_NEWSET: 9,
  NFT_MSG_NEWSETELEM: 12,
  NFT_MSG_DELSETELEM: 14,
  NFTA_LIST_ELEM: 1,
  NFTA_TABLE_NAME: 1,
  NFTA_TABLE_FLAGS: 2,
  NFTA_TABLE_USERDATA: 6,
  NFT_TABLE_F_OWNER: 2,
  NFTA_CHAIN_TABLE: 1,
  NFTA_CHAIN_NAME: 3,
  NFTA_CHAIN_HOOK: 4,
  NFTA_CHAIN_POLICY: 5,
  NFTA_CHAIN_TYPE: 7,
  NFTA_HOOK_HOOKNUM: 1,
  NFTA_HOOK_PRIORITY: 2,
  NFTA_RULE_TABLE: 1,
  NFTA_RULE_CHAIN: 2,
  NFTA_RULE_EXPRESSIONS: 4,
  NFTA_SET_TABLE: 1,
  NFTA_SET_NAME: 2,
  NFTA_SET_FLAGS: 3,
  NFTA_SET_KEY_TYPE: 4,
  NFTA_SET_KEY_LEN: 5,
  NFTA_SET_ID: 10,
  NFTA_SET_ELEM_KEY: 1,
  NFTA_SET_ELEM_LIST_TABLE: 1,
  NFTA_SET_ELEM_LIST_SET: 2,
  NFTA_SET_ELEM_LIST_ELEMENTS: 3,
  NFTA_EXPR_NAME: 1,
  NFTA_EXPR_DATA: 2,
  NFTA_DATA_VALUE: 1,
  NFTA_DATA_VERDICT: 2,
  NFTA_VERDICT_CODE: 1,
  NFTA_IMMEDIATE_DREG: 1,
  NFTA_IMMEDIATE_DATA: 2,
  NFTA_CMP_SREG: 1,
  NFTA_CMP_OP: 2,
  NFTA_CMP_DATA: 3,
  NFT_CMP_EQ: 0,
  NFT_CMP_LTE: 3,
  NFT_CMP_GTE: 5,
  NFTA_LOOKUP_SET: 1,
  NFTA_LOOKUP_SREG: 2,
  NFTA_LOOKUP_SET_ID: 4,
  NFTA_META_DREG: 1,
  NFTA_META_KEY: 2,
  NFT_META_IIF: 4,
  NFT_META_OIF: 5,
  NFT_META_IIFNAME: 6,
  NFT_META_OIFNAME: 7,
  NFT_META_NFPROTO: 15,
  NFT_META_L4PROTO: 16,
  NFTA_PAYLOAD_DREG: 1,
  NFTA_PAYLOAD_BASE: 2,
  NFTA_PAYLOAD_OFFSET: 3,
  NFTA_PAYLOAD_LEN: 4,
  NFT_PAYLOAD_NETWORK_HEADER: 1,
  NFT_PAYLOAD_TRANSPORT_HEADER: 2,
  NFT_REG_VERDICT: 0,
  NFT_REG32_00: 8,
} as const;

/** linux/ip.h: parameters of an interface (net.ipv4.conf) as they stand in IFLA_INET_CONF. */
export const IP_CONF = {
  IPV4_DEVCONF_RP_FILTER: 8,
  IPV4_DEVCONF_ARPFILTER: 13,
  IPV4_DEVCONF_ARP_ANNOUNCE: 18,
  IPV4_DEVCONF_ARP_IGNORE: 19,
  IPV4_DEVCONF_PROMOTE_SECONDARIES: 20,
} as const;

/** linux/veth.h */
export const VETH = { VETH_INFO_PEER: 1 } as const;

/** linux/pkt_sched.h: socket priorities. */
export const PKT_SCHED = { TC_PRIO_INTERACTIVE: 6, TC_PRIO_CONTROL: 7 } as const;

/** sys/syscall.h, per architecture: calls that some C library has no working function for, that concern one thread, or that machine code makes. */
export const SYSCALL = {
  x64: {
    SYS_write: 1,
    SYS_getgroups: 115,
    SYS_setgroups: 116,
    SYS_setresuid: 117,
    SYS_getresuid: 118,
    SYS_setresgid: 119,
    SYS_getresgid: 120,
    SYS_sched_setscheduler: 144,
  },
  arm64: {
    SYS_write: 64,
    SYS_sched_setscheduler: 119,
    SYS_setresuid: 147,
    SYS_getresuid: 148,
    SYS_setresgid: 149,
    SYS_getresgid: 150,
    SYS_getgroups: 158,
    SYS_setgroups: 159,
  },
} as const;

/** Every table that holds for both architectures, with the header that defines its names (for test/abi). */
export const TABLES: readonly { header: string; values: Readonly<Record<string, number>> }[] = [
  { header: "sys/socket.h", values: SOCKET },
  { header: "linux/in.h", values: IN },
  { header: "linux/in6.h", values: IN6 },
  { header: "linux/icmp.h", values: ICMP },
  { header: "linux/icmpv6.h", values: ICMPV6 },
  { header: "netinet/icmp6.h", values: ICMP6 },
  { header: "linux/if_ether.h", values: IF_ETHER },
  { header: "linux/if_packet.h", values: IF_PACKET },
  { header: "linux/if_arp.h", values: IF_ARP },
  { header: "linux/if.h", values: IF },
  { header: "linux/sockios.h", values: SOCKIOS },
  { header: "linux/mii.h", values: MII },
  { header: "linux/ethtool.h", values: ETHTOOL },
  { header: "linux/filter.h", values: FILTER },
  { header: "sys/epoll.h", values: EPOLL },
  { header: "sys/eventfd.h", values: EVENTFD },
  { header: "sys/timerfd.h", values: TIMERFD },
  { header: "time.h", values: TIME },
  { header: "sched.h", values: SCHED },
  { header: "sys/mman.h", values: MMAN },
  { header: "sys/resource.h", values: RESOURCE },
  { header: "linux/prctl.h", values: PRCTL },
  { header: "fcntl.h", values: FCNTL },
  { header: "sys/file.h", values: FILE },
  { header: "sys/inotify.h", values: INOTIFY },
  { header: "poll.h", values: POLL },
  { header: "signal.h", values: SIGNAL },
  { header: "linux/netlink.h", values: NETLINK },
  { header: "linux/connector.h", values: CONNECTOR },
  { header: "linux/cn_proc.h", values: CN_PROC },
  { header: "linux/rtnetlink.h", values: RTNETLINK },
  { header: "linux/mpls_iptunnel.h", values: LWTUNNEL },
  { header: "linux/fib_rules.h", values: FIB_RULES },
  { header: "linux/if_addr.h", values: IF_ADDR },
  { header: "linux/if_link.h", values: IF_LINK },
  { header: "linux/netfilter/nfnetlink.h", values: NETFILTER },
  { header: "linux/netfilter/nf_tables.h", values: NF_TABLES },
  { header: "linux/ip.h", values: IP_CONF },
  { header: "linux/veth.h", values: VETH },
  { header: "linux/pkt_sched.h", values: PKT_SCHED },
];
