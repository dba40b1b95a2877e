// Child process of the bench: pings an address on a fixed schedule and reports what was lost.
import { monotonicUs } from "../../native/clock.ts";
import { waitReadable } from "../../native/descriptor.ts";
import { openPing, receiveEcho, sendEcho } from "../../native/icmp.ts";
import { ipv4 } from "./lab.ts";

interface Spec {
  address: string;
  periodUs: number;
  seconds: number;
}

/** A reply that takes longer counts as lost. */
const PATIENCE_US = 200_000;

/** Pings of the time from the first reply on. */
function ping(spec: Spec): { sent: number; lost: number; longestGapUs: number } {
  const fd = openPing();
  const address = ipv4(spec.address);
  const id = process.pid & 0xffff;
  const count = Math.min(60_000, Math.floor((spec.seconds * 1_000_000) / spec.periodUs));
  const answeredUs = new Float64Array(count);
  const startUs = monotonicUs();
  const hear = () => {
    for (let sequence = receiveEcho(fd, id); sequence >= 0; sequence = receiveEcho(fd, id)) {
      if (sequence < count && answeredUs[sequence] === 0) answeredUs[sequence] = monotonicUs();
    }
  };
  for (let n = 0; n < count; n++) {
    const dueUs = startUs + n * spec.periodUs;
    // Replies are read as they come: their time counts.
    for (let leftUs = dueUs - monotonicUs(); leftUs > 0; leftUs = dueUs - monotonicUs()) {
      if (waitReadable(fd, leftUs / 1000)) hear();
    }
    sendEcho(fd, address, id, n);
    hear();
  }
  const endUs = monotonicUs() + PATIENCE_US;
  while (monotonicUs() < endUs) if (waitReadable(fd, 10)) hear();
  const first = answeredUs.findIndex((t) => t > 0);
  if (first < 0) return { sent: 0, lost: 0, longestGapUs: NaN };
  const replies = answeredUs.slice(first).filter((t) => t > 0).toSorted();
  let longestGapUs = 0;
  for (let i = 1; i < replies.length; i++) {
    longestGapUs = Math.max(longestGapUs, (replies[i] as number) - (replies[i - 1] as number));
  }
  return { sent: count - first, lost: count - first - replies.length, longestGapUs };
}

process.stdout.write(JSON.stringify(ping(JSON.parse(process.argv[2] ?? "{}") as Spec)) + "\n");
