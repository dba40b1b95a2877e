// keepalived_bfd.data: the BFD sessions as keepalived's BFD process writes them.
//
// Its descriptors, threads and timers, and whom it tells, are of its processes: those lines are left out.
import { diagnosticName, STATES } from "../../bfd/packet.ts";
import { type BfdFacts, gaugesOf } from "../../status/bfd.ts";
import { ctime, section } from "./text.ts";

/** What is expected over IPv6 where the file says nothing. */
const KEEPALIVED_HOP_LIMIT = 64;
const SECOND_US = 1e6;

/** The sections behind those of the settings. */
export function bfdDump(sessions: readonly BfdFacts[]): string {
  return section("BFD Data", []) + section("BFD Topology", sessions.flatMap(sessionLines));
}

function sessionLines({ config, state, diagnostic, remoteDiagnostic, slots }: BfdFacts): string[] {
  const now = gaugesOf(slots);
  const heard = now.heard_us > 0;
  const transmitUs = now.transmit_us > 0 ? now.transmit_us : config.idleTxUs;
  const { family, ttl } = config;
  return [
    ` BFD Instance = ${config.name}`,
    `   Neighbor IP = ${config.neighbor}`,
    ...(config.source === null ? [] : [`   Source IP = ${config.source}`]),
    `   Required min RX interval = ${config.minRxUs} us`,
    `   Desired min TX interval = ${config.minTxUs} us`,
    `   Desired idle TX interval = ${config.idleTxUs} us`,
    `   Detection multiplier = ${config.multiplier}`,
    `   ${family === "ipv4" ? "TTL" : "hoplimit"} = ${ttl}`,
    `   max_hops = ${maxHops(config)}`,
    `   passive = ${config.passive}`,
    `   local state = ${STATES[state]}`,
    `   remote state = ${STATES[heard ? now.remote_state : 1]}`,
    `   local discriminator = 0x${now.discriminator.toString(16)}`,
    `   remote discriminator = 0x${now.remote_discriminator.toString(16)}`,
    `   local diag = ${diagnosticName(diagnostic)}`,
    `   remote diag = ${diagnosticName(remoteDiagnostic)}`,
    `   remote min tx intv = ${now.remote_min_tx_us} us`,
    `   remote min rx intv = ${now.remote_min_rx_us} us`,
    // Demand mode is nobody's here (RFC 5880 section 6.6).
    "   local demand = 0",
    "   remote demand = 0",
    `   remote detect multiplier = ${now.remote_multiplier}`,
    `   ${now.polling > 0 ? "" : "!"}poll, !final`,
    `   local tx intv = ${transmitUs} us`,
    `   remote tx intv = ${heard ? Math.max(now.remote_min_tx_us, config.minRxUs) : 0} us`,
    `   local detection time = ${now.detection_us} us`,
    `   remote detection time = ${heard ? config.multiplier * transmitUs : 0} us`,
    heard ? `   last seen = ${seen(now.heard_us)}` : "   last_seen = [never]",
  ];
}

/** So far below what is expected a TTL may be; -1 = whatever it is. */
function maxHops({ family, ttl, lowestTtl }: BfdFacts["config"]): number {
  if (lowestTtl === 0) return -1;
  const expected = family === "ipv6" && lowestTtl <= KEEPALIVED_HOP_LIMIT ? KEEPALIVED_HOP_LIMIT : ttl;
  return expected - lowestTtl;
}

/** Seconds of the epoch, and behind them the same in words. */
function seen(us: number): string {
  const micros = String(Math.trunc(us % SECOND_US)).padStart(6, "0");
  return `${Math.trunc(us / SECOND_US)}.${micros} (${ctime(us)}.${micros})`;
}
