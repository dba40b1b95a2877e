// The part of the configuration reference about virtual MAC addresses.

/** Markdown. */
export const VMAC_SECTION = `# Virtual MAC addresses

With \`use_vmac\` the addresses stand on a macvlan with the MAC address of the virtual router, so at a failover no
neighbour has to learn another one; switches learn the new port from the first advert.

- **The interface** is there while its instance is configured, up only while it is master, and gone with it. Its
  name is \`vrrp.VRID\`, for IPv6 \`vrrp6.VRID\` when that is taken, then \`vrrp1.VRID\` and so on (\`vmac_prefix\`). Its mode
  is bridge and not private as keepalived's, and it has no link-local address: so no packet filter is needed to keep
  membership reports off it. \`ip link\` shows it with the alias \`baton\`.
- **Adverts** carry the virtual MAC address also before the macvlan is up; they are sent past the packet filter's
  output chains. Unicast adverts, and all with \`vmac_xmit_base\`, carry that of the interface.
- **The interface below** gets \`arp_ignore\` 1 and \`arp_announce\` 2 (net.ipv4.conf) while it has IPv4 addresses on a
  VMAC: else it would answer for them, and ask in their name, with its own MAC address. The values from before come
  back at the stop, or at the next start or \`baton cleanup\` after a crash. keepalived leaves \`arp_announce\` alone: set
  it there yourself, or clients learn the MAC address of the interface.
- **rp_filter**: the macvlan gets 0, or 2 where net.ipv4.conf.all.rp_filter is 1. Other interfaces stay as they are.
- **Somebody deletes it or takes it down**: it comes back with its addresses, at most once a second. When the
  interface below goes, the instance is in FAULT until it is there again.
- **Somebody renames it**: it is made anew under its name. Renames and MTU of the interface below are followed: the
  parameters from before come back to the one that was renamed, and the macvlan has the MTU also when that grows.
- **It cannot be taken up**, since another macvlan on the interface has its MAC address: the instance is in FAULT, looks
  again once a second, and takes part as soon as it can.
- **IPv6**: the macvlan takes neither routes nor addresses from router advertisements. When it gives its addresses up,
  IPv6 is off on it until it is down: a report that groups are left would send switches back to this router.
- **IPv6 at a handover**: switches follow the first advert, and the kernel puts an IPv6 address in place some
  milliseconds later: of what comes in between a packet may be lost, also when the old master still answers.
- **An address that is on the interface below already** is answered for there as well, by a Backup too: the start warns
  of it.
- **Its name is taken**: a macvlan on the same interface with the same MAC address, as keepalived leaves after a
  crash, is deleted and made anew, with a warning. Any other interface is left alone: the instance stays in FAULT
  and says so.
- **After a crash** the addresses on it expire as all do; the next start goes on with it or deletes it, and so does
  \`baton cleanup\`.
- **A reload** that changes a VMAC restarts that instance, as it does for keepalived; \`vmac_xmit_base\` and
  \`garp_extra_if\` change in place.
- **One that a reload leaves without an instance** is deleted beside the running ones: none of their adverts waits for
  the kernel. What the kernel does not delete the log names; the stop tries again, and what is there after it
  \`baton cleanup\` removes.
- **\`dev\` of routes and rules** and \`track_interface\` may name a VMAC; whether it is up is then asked of the interface
  below.
- Hypervisors and clouds that let each port have one MAC address only drop the frames of a VMAC: do without there.

## ipvlan

With \`use_ipvlan\` the instance has an ipvlan (mode L2) instead: it has the MAC address of the interface below, so it
works where a port may have one MAC address only, and a neighbour learns another one at a failover as without it.

- **It speaks and hears there**: adverts leave from the ipvlan and its own address, and \`interface\` of \`baton status\`
  names it. It is up in every state, and gone with its instance. Its name is made as that of a VMAC.
- **Its own address**: \`use_ipvlan ADDRESS\`, one that no other machine has, /32 unless a length is written. IPv4 needs
  it: without, the instance stays in FAULT, as for keepalived. For IPv6 the kernel gives it a link-local address; one of
  fe80::/10 that is written takes its place. \`mcast_src_ip\` and \`unicast_src_ip\` go before it as source of adverts.
- **bridge** (the default), **private** and **vepa** are one setting for all ipvlans on an interface: the last one
  counts. Words that keepalived 2.2.7 does not take are PHYS-IF and \`group N\`.
- **The kernel lacks ipvlan**, or the interface below carries a VMAC, a macvlan or is the port of a bridge: the instance
  is in FAULT, says so, and looks again when an interface changes and every 10 s. Other instances go on.
- **The interface below** gets \`arp_ignore\` 1 and \`arp_announce\` 2 as below a VMAC: the answers to what it asks in the
  name of an address on the ipvlan would go there. rp_filter, MTU, names that are taken and what a crash leaves: as for
  a VMAC; but a left ipvlan is made anew, whoever made it.
- **Somebody deletes it or takes it down**: it comes back with its addresses. The instance may be in FAULT meanwhile, as
  it is when any interface is down on which it speaks.
- A reload that changes its words restarts the instance.

## VRF

A VMAC or an ipvlan is put into the VRF of the interface below, and follows it when that moves to another one.

`;
