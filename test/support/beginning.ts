// What the engine needs before anything runs, with nothing special about it.
import type { EngineBeginning } from "../../src/messages.ts";

export const PLAIN_BEGINNING: EngineBeginning = {
  realtimePriority: 0,
  tuning: { nice: null, cpuAffinity: null, commandBuffer: null, monitorBuffer: null, raise: null },
  startDelayUs: 0,
  leftovers: { addresses: [], routes: [], vmacs: [], table: null },
  sysctlRecord: "/nowhere",
};
