// The receive buffer of the sockets that hear adverts: kernel_rx_buf_size, or the policy of global_defs.
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { Settings } from "./settings.ts";
import { parseInteger } from "./values.ts";

/** In bytes, or as a multiple of the MTU of the interface or of the instance's own advert. */
export type ReceiveBuffer = { bytes: number } | { times: number; of: "mtu" | "advert" };

const DEFAULT_TIMES = 3;

/** vrrp_rx_bufs_policy with vrrp_rx_bufs_multiplier; null = baton's own choice. */
export function readBufferPolicy(decoding: Decoding, settings: Settings): ReceiveBuffer | null {
  const times = settings.number("vrrp_rx_bufs_multiplier") ?? DEFAULT_TIMES;
  const policy = settings.text("vrrp_rx_bufs_policy");
  const where = settings.span("vrrp_rx_bufs_policy") ?? settings.keywordSpan("vrrp_rx_bufs_multiplier");
  if (policy === undefined) {
    if (where !== null && !settings.has("vrrp_rx_bufs_policy")) {
      const cure = "add vrrp_rx_bufs_policy MTU or ADVERT";
      bad(decoding, where, "vrrp_rx_bufs_multiplier means nothing without a policy", "it is ignored", cure);
    }
    return null;
  }
  if (/^mtu$/i.test(policy)) return { times, of: "mtu" };
  if (/^advert$/i.test(policy)) return { times, of: "advert" };
  const bytes = parseInteger(policy);
  if (bytes !== undefined && bytes > 0 && bytes <= 0x7fff_ffff) return { bytes };
  const what = `vrrp_rx_bufs_policy "${policy}" is no size`;
  if (where !== null) bad(decoding, where, what, "it is ignored", "write MTU, ADVERT or a number of bytes");
  return null;
}

/** kernel_rx_buf_size, or else the policy. */
export function readReceiveBuffer(settings: Settings, policy: ReceiveBuffer | null): ReceiveBuffer | null {
  const bytes = settings.number("kernel_rx_buf_size");
  return bytes === undefined ? policy : { bytes };
}
