// Why a virtual router changes its state: plain data that can be posted, and its clause for a log line.

/** The cause of a transition. Times in microseconds, addresses in text. */
export type Cause =
  /** The first start of an instance. */
  | { kind: "startup" }
  /** Started as the owner of the addresses (priority 255). */
  | { kind: "owner" }
  /** Nothing was heard for `adverts` intervals and the skew. `from`: the master that was followed. */
  | {
    kind: "timeout";
    from: string | null;
    silentUs: number;
    adverts: number;
    intervalUs: number;
    skewUs: number;
  }
  /** The master sent priority 0 and our skew is over. */
  | { kind: "resigned"; from: string }
  /** We take over from a master with a lower priority. */
  | { kind: "preempted"; from: string; theirs: number; ours: number }
  /** A higher priority was heard while Master. */
  | { kind: "higher_priority"; from: string; theirs: number; ours: number }
  /** The same priority from a higher address was heard while Master. */
  | { kind: "higher_address"; from: string; priority: number }
  /** As Master we stood still for so long that `from` has taken over, and may keep it. */
  | { kind: "expired"; from: string; silentUs: number }
  /** Unicast without a peer, and unicast_fault_no_peer. */
  | { kind: "no_peers" }
  /** vrrp_startup_delay or vrrp_delay_after_boot. */
  | { kind: "startup_delay"; delayUs: number }
  | { kind: "interface_down"; interface: string }
  | { kind: "interface_missing"; interface: string }
  | { kind: "interface_tracked_down"; interface: string }
  | { kind: "no_source_address"; interface: string; family: "ipv4" | "ipv6" }
  | { kind: "source_missing"; interface: string; address: string }
  | { kind: "source_tentative"; interface: string; address: string }
  | { kind: "socket_failed"; interface: string; error: string }
  /** An advert with all addresses does not fit into a packet of the interface. */
  | { kind: "advert_too_long"; interface: string; bytes: number; mtu: number }
  /** A VMAC or an ipvlan cannot be made; `error` is a clause. */
  | { kind: "vmac_failed"; interface: string; error: string }
  | { kind: "ipvlan_failed"; interface: string; error: string }
  /** An ipvlan has no MAC address of its own to be known by: for IPv4 it needs an address. */
  | { kind: "ipvlan_address" }
  | { kind: "script_failed"; script: string }
  | { kind: "script_pending"; script: string }
  | { kind: "file_status"; file: string; value: number }
  | { kind: "process_quorum"; process: string }
  /** A static address, route or rule of a track_group is not there and cannot be put back. */
  | { kind: "static_missing"; group: string; what: string }
  | { kind: "bfd_state"; session: string; up: boolean }
  /** Another member of the sync group is at fault, or has just left it and waits for a script. */
  | { kind: "group_fault"; group: string; member: string }
  /** Another member of the sync group is no longer Master. */
  | { kind: "group_backup"; group: string; member: string }
  /** Every cause of the fault is gone. */
  | { kind: "recovered" }
  /** The daemon stops. */
  | { kind: "shutdown" }
  /** A reload removed the instance. */
  | { kind: "removed" }
  /** A reload changed something that needs a restart of the instance. */
  | { kind: "reload" };

/** The cause as a clause, for after "Entering X STATE: ". */
export function describeCause(cause: Cause): string {
  switch (cause.kind) {
    case "startup":
      return "started";
    case "owner":
      return "this router owns the addresses (priority 255)";
    case "timeout": {
      const parts = `${cause.adverts} x ${seconds(cause.intervalUs)} + ${seconds(cause.skewUs)} skew`;
      const who = cause.from === null ? "no advert heard" : `no advert from ${cause.from}`;
      return `${who} for ${seconds(cause.silentUs)} (${parts})`;
    }
    case "resigned":
      return `${cause.from} has resigned (priority 0)`;
    case "preempted":
      return `our priority ${cause.ours} is above ${cause.theirs} of ${cause.from}`;
    case "higher_priority":
      return `${cause.from} has priority ${cause.theirs}, above our ${cause.ours}`;
    case "higher_address":
      return `${cause.from} has the same priority ${cause.priority} and a higher address`;
    case "expired":
      return `VRRP thread timer expired ${
        (cause.silentUs / 1e6).toFixed(6)
      } seconds ago, and ${cause.from} has taken over`;
    case "no_peers":
      return "Cannot use unicast without any peers; add the other routers to unicast_peer";
    case "startup_delay":
      return `the start is delayed by ${seconds(cause.delayUs)}`;
    case "interface_down":
      return `interface ${cause.interface} is down`;
    case "interface_missing":
      return `interface ${cause.interface} does not exist`;
    case "interface_tracked_down":
      return `tracked interface ${cause.interface} is down`;
    case "no_source_address":
      return cause.family === "ipv4"
        ? `interface ${cause.interface} has no IPv4 address`
        : `interface ${cause.interface} has no IPv6 link-local address`;
    case "source_missing":
      return `source address ${cause.address} is not on interface ${cause.interface}`;
    case "source_tentative":
      return `source address ${cause.address} on interface ${cause.interface} is still tentative`;
    case "socket_failed":
      return `no socket on interface ${cause.interface}: ${cause.error}`;
    case "advert_too_long":
      return `an advert has ${cause.bytes} bytes and the MTU of ${cause.interface} is ${cause.mtu}: ` +
        "raise it, or move addresses to virtual_ipaddress_excluded";
    case "vmac_failed":
      return `no VMAC interface ${cause.interface}: ${cause.error}`;
    case "ipvlan_failed":
      return `no ipvlan ${cause.interface}: ${cause.error}`;
    case "ipvlan_address":
      return "the ipvlan has no IPv4 address of its own: write use_ipvlan ADDRESS";
    case "script_failed":
      return `script ${cause.script} failed`;
    case "script_pending":
      return `script ${cause.script} has no result yet`;
    case "static_missing":
      return `${cause.what} of track_group ${cause.group} is missing`;
    case "file_status":
      return `tracked file ${cause.file} has status ${cause.value}`;
    case "process_quorum":
      return `tracked process ${cause.process} has no quorum`;
    case "bfd_state":
      return `BFD session ${cause.session} is ${cause.up ? "" : "not "}up`;
    case "group_fault":
      return `${cause.member} of sync group ${cause.group} cannot take part`;
    case "group_backup":
      return `${cause.member} of sync group ${cause.group} is not master`;
    case "recovered":
      return "the fault is gone";
    case "shutdown":
      return "shutdown";
    case "removed":
      return "removed from the configuration";
    case "reload":
      return "changed by a reload";
  }
}

/** RFC 8347 new-master-reason. */
export type NewMasterReason = "not-master" | "priority" | "preempted" | "no-response";

/** RFC 8347 new-master-reason for a cause that led to MASTER; "not-master" for one that does not. */
export function newMasterReason(cause: Cause): NewMasterReason {
  switch (cause.kind) {
    case "owner":
    case "resigned":
    case "recovered":
      return "priority";
    case "preempted":
      return "preempted";
    case "timeout":
      return "no-response";
    default:
      return "not-master";
  }
}

/** "3.609 s", "1 s", "0.0305 s": milliseconds, finer only below a tenth of a second. */
function seconds(us: number): string {
  const text = (us / 1_000_000).toFixed(us < 100_000 ? 6 : 3);
  return `${text.replace(/\.?0+$/, "")} s`;
}
