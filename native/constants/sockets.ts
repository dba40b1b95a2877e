// Constants of sockets and of what travels through them.

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

/** linux/pkt_sched.h: socket priorities. */
export const PKT_SCHED = { TC_PRIO_INTERACTIVE: 6, TC_PRIO_CONTROL: 7 } as const;
