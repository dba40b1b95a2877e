// keepalived.stats: the counters of each instance, as text.
import type { DumpedInstance } from "./facts.ts";

/** One block of lines for each instance. */
export function statisticsDump(instances: readonly DumpedInstance[]): string {
  return instances.map(({ facts, statistics: s }) =>
    [
      `VRRP Instance: ${facts.config.name}`,
      "  Advertisements:",
      `    Received: ${s.advert_rcvd}`,
      `    Sent: ${s.advert_sent}`,
      `  Became master: ${s.become_master}`,
      `  Released master: ${s.release_master}`,
      "  Packet Errors:",
      `    Length: ${s.packet_len_err}`,
      `    TTL: ${s.ip_ttl_err}`,
      `    Invalid Type: ${s.invalid_type_rcvd}`,
      `    Advertisement Interval: ${s.advert_interval_err}`,
      `    Address List: ${s.addr_list_err}`,
      "  Authentication Errors:",
      `    Invalid Type: ${s.invalid_authtype}`,
      `    Type Mismatch: ${s.authtype_mismatch}`,
      `    Failure: ${s.auth_failure}`,
      ...(facts.config.hmac === null ? [] : [
        "  Authentication Extension Errors:",
        `    Missing: ${s.auth_ext_missing}`,
        `    Malformed: ${s.auth_ext_malformed}`,
        `    Unknown Key: ${s.auth_ext_unknown_key}`,
        `    Invalid HMAC: ${s.auth_ext_invalid_hmac}`,
        `    Stale: ${s.auth_ext_stale}`,
        `    Replay: ${s.auth_ext_replay}`,
      ]),
      "  Priority Zero:",
      `    Received: ${s.pri_zero_rcvd}`,
      `    Sent: ${s.pri_zero_sent}`,
      "",
    ].join("\n")
  ).join("");
}
