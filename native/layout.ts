// Every struct of the kernel that this program reads or writes: size and field offsets, in bytes.
//
// The layouts are those of 64-bit little-endian Linux; only epoll_event differs between x86-64 and aarch64.
// test/abi compares each with the headers of both.

/** A struct: where it is defined, its size, and for each field its offset (`at`) and size (`bytes`). */
export interface Layout<Field extends string = string> {
  readonly header: string;
  readonly struct: string;
  readonly size: number;
  readonly at: Readonly<Record<Field, number>>;
  readonly bytes: Readonly<Record<Field, number>>;
}

function layout<Field extends string>(
  header: string,
  struct: string,
  size: number,
  fields: Record<Field, readonly [offset: number, bytes: number]>,
): Layout<Field> {
  const at = {} as Record<Field, number>;
  const bytes = {} as Record<Field, number>;
  for (const name of Object.keys(fields) as Field[]) {
    at[name] = fields[name][0];
    bytes[name] = fields[name][1];
  }
  return { header, struct, size, at, bytes };
}

export const SOCKADDR_IN = layout("netinet/in.h", "struct sockaddr_in", 16, {
  sin_family: [0, 2],
  sin_port: [2, 2],
  sin_addr: [4, 4],
});
export const SOCKADDR_IN6 = layout("netinet/in.h", "struct sockaddr_in6", 28, {
  sin6_family: [0, 2],
  sin6_port: [2, 2],
  sin6_flowinfo: [4, 4],
  sin6_addr: [8, 16],
  sin6_scope_id: [24, 4],
});
export const SOCKADDR_LL = layout("linux/if_packet.h", "struct sockaddr_ll", 20, {
  sll_family: [0, 2],
  sll_protocol: [2, 2],
  sll_ifindex: [4, 4],
  sll_hatype: [8, 2],
  sll_pkttype: [10, 1],
  sll_halen: [11, 1],
  sll_addr: [12, 8],
});
export const SOCKADDR_NL = layout("linux/netlink.h", "struct sockaddr_nl", 12, {
  nl_family: [0, 2],
  nl_pid: [4, 4],
  nl_groups: [8, 4],
});
export const SOCKADDR_UN = layout("sys/un.h", "struct sockaddr_un", 110, {
  sun_family: [0, 2],
  sun_path: [2, 108],
});
export const SIGACTION = layout("signal.h", "struct sigaction", 152, {
  sa_handler: [0, 8],
  sa_mask: [8, 128],
  sa_flags: [136, 4],
});
export const F_OWNER_EX = layout("fcntl.h", "struct f_owner_ex", 8, {
  type: [0, 4],
  pid: [4, 4],
});
export const INOTIFY_EVENT = layout("sys/inotify.h", "struct inotify_event", 16, {
  wd: [0, 4],
  mask: [4, 4],
  cookie: [8, 4],
  len: [12, 4],
});
/** `id` is a struct cb_id of two u32: idx, val. */
export const CN_MSG = layout("linux/connector.h", "struct cn_msg", 20, {
  id: [0, 8],
  seq: [8, 4],
  ack: [12, 4],
  len: [16, 2],
  flags: [18, 2],
});
export const PROC_EVENT = layout("linux/cn_proc.h", "struct proc_event", 40, {
  what: [0, 4],
  cpu: [4, 4],
  timestamp_ns: [8, 8],
  event_data: [16, 24],
});
export const IP_MREQN = layout("netinet/in.h", "struct ip_mreqn", 12, {
  imr_multiaddr: [0, 4],
  imr_address: [4, 4],
  imr_ifindex: [8, 4],
});
export const IPV6_MREQ = layout("netinet/in.h", "struct ipv6_mreq", 20, {
  ipv6mr_multiaddr: [0, 16],
  ipv6mr_interface: [16, 4],
});
export const IN_PKTINFO = layout("netinet/in.h", "struct in_pktinfo", 12, {
  ipi_ifindex: [0, 4],
  ipi_spec_dst: [4, 4],
  ipi_addr: [8, 4],
});
export const IN6_PKTINFO = layout("netinet/in.h", "struct in6_pktinfo", 20, {
  ipi6_addr: [0, 16],
  ipi6_ifindex: [16, 4],
});
export const IOVEC = layout("sys/uio.h", "struct iovec", 16, { iov_base: [0, 8], iov_len: [8, 8] });
export const MSGHDR = layout("sys/socket.h", "struct msghdr", 56, {
  msg_name: [0, 8],
  msg_namelen: [8, 4],
  msg_iov: [16, 8],
  msg_iovlen: [24, 8],
  msg_control: [32, 8],
  msg_controllen: [40, 8],
  msg_flags: [48, 4],
});
export const MMSGHDR = layout("sys/socket.h", "struct mmsghdr", 64, { msg_hdr: [0, 56], msg_len: [56, 4] });
export const CMSGHDR = layout("sys/socket.h", "struct cmsghdr", 16, {
  cmsg_len: [0, 8],
  cmsg_level: [8, 4],
  cmsg_type: [12, 4],
});
export const POLLFD = layout("poll.h", "struct pollfd", 8, { fd: [0, 4], events: [4, 2], revents: [6, 2] });
export const TIMESPEC = layout("time.h", "struct timespec", 16, { tv_sec: [0, 8], tv_nsec: [8, 8] });
export const ITIMERSPEC = layout("time.h", "struct itimerspec", 32, {
  it_interval: [0, 16],
  it_value: [16, 16],
});
export const SCHED_PARAM = layout("sched.h", "struct sched_param", 4, { sched_priority: [0, 4] });
export const SCHED_ATTR = layout("linux/sched/types.h", "struct sched_attr", 56, {
  size: [0, 4],
  sched_policy: [4, 4],
  sched_flags: [8, 8],
  sched_nice: [16, 4],
  sched_priority: [20, 4],
  sched_runtime: [24, 8],
});
export const IO_URING_PARAMS = layout("linux/io_uring.h", "struct io_uring_params", 120, {
  sq_entries: [0, 4],
  cq_entries: [4, 4],
  flags: [8, 4],
  features: [20, 4],
  sq_off: [40, 40],
  cq_off: [80, 40],
});
export const IO_SQRING_OFFSETS = layout("linux/io_uring.h", "struct io_sqring_offsets", 40, {
  tail: [4, 4],
  array: [24, 4],
});
export const IO_CQRING_OFFSETS = layout("linux/io_uring.h", "struct io_cqring_offsets", 40, {
  head: [0, 4],
  tail: [4, 4],
  ring_mask: [8, 4],
  cqes: [20, 4],
});
/** A call that is to be made. */
export const IO_URING_SQE = layout("linux/io_uring.h", "struct io_uring_sqe", 64, {
  opcode: [0, 1],
  flags: [1, 1],
  fd: [4, 4],
  addr: [16, 8],
  len: [24, 4],
});
/** What it has returned. */
export const IO_URING_CQE = layout("linux/io_uring.h", "struct io_uring_cqe", 16, {
  user_data: [0, 8],
  res: [8, 4],
});
export const RLIMIT = layout("sys/resource.h", "struct rlimit", 16, { rlim_cur: [0, 8], rlim_max: [8, 8] });
/** The name, then what the request is about. */
export const IFREQ = layout("linux/if.h", "struct ifreq", 40, { ifr_ifrn: [0, 16], ifr_ifru: [16, 24] });
export const MII_IOCTL_DATA = layout("linux/mii.h", "struct mii_ioctl_data", 8, {
  phy_id: [0, 2],
  reg_num: [2, 2],
  val_out: [6, 2],
});
export const ETHTOOL_VALUE = layout("linux/ethtool.h", "struct ethtool_value", 8, {
  cmd: [0, 4],
  data: [4, 4],
});
export const SOCK_FILTER = layout("linux/filter.h", "struct sock_filter", 8, {
  code: [0, 2],
  jt: [2, 1],
  jf: [3, 1],
  k: [4, 4],
});
export const SOCK_FPROG = layout("linux/filter.h", "struct sock_fprog", 16, { len: [0, 2], filter: [8, 8] });
export const NLMSGHDR = layout("linux/netlink.h", "struct nlmsghdr", 16, {
  nlmsg_len: [0, 4],
  nlmsg_type: [4, 2],
  nlmsg_flags: [6, 2],
  nlmsg_seq: [8, 4],
  nlmsg_pid: [12, 4],
});
export const NLMSGERR = layout("linux/netlink.h", "struct nlmsgerr", 20, { error: [0, 4], msg: [4, 16] });
export const NLATTR = layout("linux/netlink.h", "struct nlattr", 4, { nla_len: [0, 2], nla_type: [2, 2] });
export const NFGENMSG = layout("linux/netfilter/nfnetlink.h", "struct nfgenmsg", 4, {
  nfgen_family: [0, 1],
  version: [1, 1],
  res_id: [2, 2],
});
export const IFINFOMSG = layout("linux/rtnetlink.h", "struct ifinfomsg", 16, {
  ifi_family: [0, 1],
  ifi_type: [2, 2],
  ifi_index: [4, 4],
  ifi_flags: [8, 4],
  ifi_change: [12, 4],
});
export const IFADDRMSG = layout("linux/if_addr.h", "struct ifaddrmsg", 8, {
  ifa_family: [0, 1],
  ifa_prefixlen: [1, 1],
  ifa_flags: [2, 1],
  ifa_scope: [3, 1],
  ifa_index: [4, 4],
});
export const IFA_CACHEINFO = layout("linux/if_addr.h", "struct ifa_cacheinfo", 16, {
  ifa_prefered: [0, 4],
  ifa_valid: [4, 4],
  cstamp: [8, 4],
  tstamp: [12, 4],
});
export const RTMSG = layout("linux/rtnetlink.h", "struct rtmsg", 12, {
  rtm_family: [0, 1],
  rtm_dst_len: [1, 1],
  rtm_src_len: [2, 1],
  rtm_tos: [3, 1],
  rtm_table: [4, 1],
  rtm_protocol: [5, 1],
  rtm_scope: [6, 1],
  rtm_type: [7, 1],
  rtm_flags: [8, 4],
});
export const RTNEXTHOP = layout("linux/rtnetlink.h", "struct rtnexthop", 8, {
  rtnh_len: [0, 2],
  rtnh_flags: [2, 1],
  rtnh_hops: [3, 1],
  rtnh_ifindex: [4, 4],
});
export const FIB_RULE_HDR = layout("linux/fib_rules.h", "struct fib_rule_hdr", 12, {
  family: [0, 1],
  dst_len: [1, 1],
  src_len: [2, 1],
  tos: [3, 1],
  table: [4, 1],
  res1: [5, 1],
  res2: [6, 1],
  action: [7, 1],
  flags: [8, 4],
});

/**
 * struct epoll_event of an architecture: packed on x86-64 (sys/epoll.h: __EPOLL_PACKED), natural elsewhere.
 */
export function epollEventLayout(arch: string): Layout<"events" | "data"> {
  return arch === "x64"
    ? layout("sys/epoll.h", "struct epoll_event", 12, { events: [0, 4], data: [4, 8] })
    : layout("sys/epoll.h", "struct epoll_event", 16, { events: [0, 4], data: [8, 8] });
}
export const EPOLL_EVENT: Layout<"events" | "data"> = epollEventLayout(process.arch);

/** Every layout that holds for both architectures (for test/abi). */
export const LAYOUTS: readonly Layout[] = [
  SOCKADDR_IN,
  SOCKADDR_IN6,
  SOCKADDR_LL,
  SOCKADDR_NL,
  SOCKADDR_UN,
  SIGACTION,
  F_OWNER_EX,
  INOTIFY_EVENT,
  CN_MSG,
  PROC_EVENT,
  IP_MREQN,
  IPV6_MREQ,
  IN_PKTINFO,
  IN6_PKTINFO,
  IOVEC,
  MSGHDR,
  MMSGHDR,
  CMSGHDR,
  POLLFD,
  TIMESPEC,
  ITIMERSPEC,
  SCHED_PARAM,
  SCHED_ATTR,
  IO_URING_PARAMS,
  IO_SQRING_OFFSETS,
  IO_CQRING_OFFSETS,
  IO_URING_SQE,
  IO_URING_CQE,
  RLIMIT,
  IFREQ,
  MII_IOCTL_DATA,
  ETHTOOL_VALUE,
  SOCK_FILTER,
  SOCK_FPROG,
  NLMSGHDR,
  NLMSGERR,
  NLATTR,
  NFGENMSG,
  IFINFOMSG,
  IFADDRMSG,
  IFA_CACHEINFO,
  RTMSG,
  RTNEXTHOP,
  FIB_RULE_HDR,
];
