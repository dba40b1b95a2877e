// Constants of network interfaces: their flags, their attributes, what their drivers are asked.

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
