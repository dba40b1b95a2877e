// Every constant of the kernel and the C library that this program uses, one table per header.
//
// The values are those of x86-64 and aarch64, which agree except where a table says otherwise; test/abi
// compares each with the headers of both.
import { ETHTOOL, IF, IF_ADDR, IF_LINK, IP_CONF, MII, SOCKIOS, VETH } from "./constants/links.ts";
import { NETFILTER, NF_TABLES } from "./constants/netfilter.ts";
import {
  EPOLL,
  EVENTFD,
  FCNTL,
  FILE,
  INOTIFY,
  IO_URING,
  MMAN,
  POLL,
  PRCTL,
  RESOURCE,
  SCHED,
  SCHED_FLAG,
  SIGNAL,
  SIGNALFD,
  TIME,
  TIMERFD,
} from "./constants/process.ts";
import { CN_PROC, CONNECTOR, FIB_RULES, ILA, LWTUNNEL, NETLINK, RTNETLINK } from "./constants/rtnetlink.ts";
import {
  FILTER,
  ICMP,
  ICMP6,
  ICMPV6,
  IF_ARP,
  IF_ETHER,
  IF_PACKET,
  IN,
  IN6,
  PKT_SCHED,
  SOCKET,
} from "./constants/sockets.ts";

export * from "./constants/links.ts";
export * from "./constants/netfilter.ts";
export * from "./constants/process.ts";
export * from "./constants/rtnetlink.ts";
export * from "./constants/sockets.ts";

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
  { header: "linux/io_uring.h", values: IO_URING },
  { header: "sys/signalfd.h", values: SIGNALFD },
  { header: "sys/timerfd.h", values: TIMERFD },
  { header: "time.h", values: TIME },
  { header: "sched.h", values: SCHED },
  { header: "linux/sched.h", values: SCHED_FLAG },
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
  { header: "linux/ila.h", values: ILA },
  { header: "linux/fib_rules.h", values: FIB_RULES },
  { header: "linux/if_addr.h", values: IF_ADDR },
  { header: "linux/if_link.h", values: IF_LINK },
  { header: "linux/netfilter/nfnetlink.h", values: NETFILTER },
  { header: "linux/netfilter/nf_tables.h", values: NF_TABLES },
  { header: "linux/ip.h", values: IP_CONF },
  { header: "linux/veth.h", values: VETH },
  { header: "linux/pkt_sched.h", values: PKT_SCHED },
];
