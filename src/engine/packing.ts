// A plan on its way to the engine thread: what an instance has like the one before it is not sent again.
//
// Every property of an object in a message costs both threads some 50 ns, and instances by the thousand differ in few
// of their sixty. Measured with 1,000 of them, packed, sent, received and unpacked: 10.5 -> 5.9 ms.
import type { InstanceConfig } from "../config/model.ts";
import type { EngineInstance, Plan, ToEngine } from "../messages.ts";

/** An instance of a plan with what is not as in the one before it. */
interface PackedInstance extends Omit<EngineInstance, "config"> {
  own: Partial<InstanceConfig>;
}

interface PackedPlan extends Omit<Plan, "add"> {
  add: PackedInstance[];
}

/** ToEngine as it is sent. */
export type PackedMessage = Exclude<ToEngine, { type: "apply" }> | { type: "apply"; plan: PackedPlan };

/** Packs a message. What it holds is not copied. */
export function pack(message: ToEngine): PackedMessage {
  if (message.type !== "apply") return message;
  let before: Partial<InstanceConfig> = {};
  const add = message.plan.add.map(({ id, config, counters, scripts, tracked }): PackedInstance => {
    const own = difference(before, config);
    before = config;
    return { id, own, counters, scripts, tracked };
  });
  return { type: "apply", plan: { ...message.plan, add } };
}

/** The message that was packed. Parts that were the same in several instances are so again. */
export function unpack(message: PackedMessage): ToEngine {
  if (message.type !== "apply") return message;
  let before: Partial<InstanceConfig> = {};
  const add = message.plan.add.map(({ id, own, counters, scripts, tracked }): EngineInstance => {
    // Every instance has every property, the first one all of its own.
    const config = { ...before, ...own } as InstanceConfig;
    before = config;
    return { id, config, counters, scripts, tracked };
  });
  return { type: "apply", plan: { ...message.plan, add } };
}

function difference(before: Partial<InstanceConfig>, config: InstanceConfig): Partial<InstanceConfig> {
  const own: Record<string, unknown> = {};
  for (const name of Object.keys(config) as (keyof InstanceConfig)[]) {
    if (config[name] !== before[name]) own[name] = config[name];
  }
  return own;
}
