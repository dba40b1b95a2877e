// Strict mode: what the RFCs do not know is dropped, each with a warning.
import { readAccept } from "./accept.ts";
import type { Context } from "./context.ts";
import type { PlacedInstance } from "./placed.ts";
import type { InstanceConfig } from "./model.ts";

/** Applies strict mode to an instance that asks for it; accept mode is settled here. */
export function applyStrict({ report }: Context, placed: PlacedInstance): void {
  const { instance, settings } = placed;
  if (!instance.strict) return;
  const shown = `vrrp_instance ${instance.name}`;
  const drop = (keyword: string, message: string) =>
    report.warning(settings.keywordSpan(keyword) ?? placed.name, `strict mode: ${message}`);
  const owner = instance.priority === 255;
  if (instance.authentication !== null) {
    instance.authentication = null;
    drop("authentication", `authentication of ${shown} is ignored; delete it or strict_mode`);
  }
  if (instance.hmac !== null && instance.hmac.mode !== "enforce") {
    instance.hmac.mode = "enforce";
    drop("auth_hmac", `auth_hmac of ${shown} has mode enforce; write mode enforce or delete strict_mode`);
  }
  if (instance.unicastPeers.length > 0) {
    drop(
      "unicast_peer",
      `the RFCs know no unicast, which ${shown} keeps using; delete unicast_peer or strict_mode`,
    );
  }
  const state: InstanceConfig["initialState"] = owner ? "MASTER" : "BACKUP";
  if (instance.initialState !== state) {
    const why = owner ? "priority 255 starts as MASTER" : "only priority 255 starts as MASTER";
    drop("state", `${why}, so state ${state} is used for ${shown}; write state ${state}`);
    instance.initialState = state;
  }
  if (instance.preemptDelayUs > 0) {
    instance.preemptDelayUs = 0;
    drop("preempt_delay", `preempt_delay of ${shown} is ignored; delete it or strict_mode`);
  }
  if (instance.downTimerAdverts !== 3) {
    instance.downTimerAdverts = 3;
    drop("down_timer_adverts", `${shown} waits for 3 adverts; delete down_timer_adverts or strict_mode`);
  }
  if (settings.has("garp_lower_prio_repeat") || settings.has("garp_lower_prio_delay")) {
    const keyword = settings.has("garp_lower_prio_repeat")
      ? "garp_lower_prio_repeat"
      : "garp_lower_prio_delay";
    drop(
      keyword,
      `${shown} does not announce after adverts of lower priority; delete ${keyword} or strict_mode`,
    );
  }
  instance.announce = { ...instance.announce, lowerPriorityRepeat: 0, lowerPriorityDelayUs: 0 };
  if (instance.higherPriorityAdvert) {
    instance.higherPriorityAdvert = false;
    const cure = "delete higher_prio_send_advert or strict_mode";
    drop("higher_prio_send_advert", `${shown} sends no advert more when it yields; ${cure}`);
  }
  if (settings.boolean("lower_prio_no_advert") === false) {
    const cure = "delete lower_prio_no_advert or strict_mode";
    drop("lower_prio_no_advert", `${shown} does not answer adverts of lower priority; ${cure}`);
  }
  if (settings.boolean("owner_ignore_adverts") === false) {
    const cure = "delete owner_ignore_adverts or strict_mode";
    drop("owner_ignore_adverts", `${shown} hears nobody with priority 255; ${cure}`);
  }
  instance.lowerPriorityAdvert = false;
  instance.ownerIgnoresAdverts = true;
  const accept = readAccept(settings) ?? false;
  if (accept && instance.version === 2 && !owner) {
    drop(
      "accept",
      `version 2 accepts packets only for priority 255, so accept of ${shown} is ignored; delete it`,
    );
  }
  instance.accept = owner || (accept && instance.version === 3);
}
