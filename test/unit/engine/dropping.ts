// A firewall that tells what it does, and addresses for it to drop.
import { eachMessage, messageType } from "../../../native/netlink/message.ts";
import { DEFAULT_FIREWALL } from "../../../src/config/firewall.ts";
import { plainAddress } from "../../../src/config/plain.ts";
import { Firewall, type FirewallClient } from "../../../src/engine/firewall.ts";
import { Holding } from "../../../src/engine/holding.ts";
import type { FromEngine } from "../../../src/messages.ts";

/** `count` addresses that do not answer, on an interface that is there. */
export function holding(count: number): Holding {
  const addresses = Array.from(
    { length: count },
    (_, i) => plainAddress(`10.1.${i >> 8}.${i & 255}`, 24, "lo"),
  );
  const made = new Holding({ addresses, excludedAddresses: [], accept: false }, 0);
  made.ifindex.fill(1);
  return made;
}

/** A firewall with all that it says. `outlives`: its table stays after the daemon. */
export function firewall(open: () => FirewallClient, outlives = false) {
  const lines: string[] = [];
  const posted: FromEngine[] = [];
  const made = new Firewall(
    {
      post: (message) => posted.push(message),
      log: (level, _id, text) => lines.push(`${level}: ${text}`),
    },
    outlives,
    open,
  );
  return { firewall: made, lines, posted };
}

/** A firewall in use, on a kernel that takes everything, with the types of the messages that it sends (NFT_MSG_*). */
export function recorded() {
  const sent: number[] = [];
  const { firewall: made } = firewall(() => ({
    send: ({ view }, end) => {
      eachMessage(view, 0, end, (at) => sent.push(messageType(view, at) & 0xff));
      return { result: 0, message: 0, text: "" };
    },
    close: () => {},
  }));
  made.settle(DEFAULT_FIREWALL, true);
  return { made, sent };
}
