// An instance and where the file speaks of it, for the checks that come after it was read.
import type { PlacedAddress } from "./addresses.ts";
import type { InstanceConfig } from "./model.ts";
import type { Settings } from "./settings.ts";
import type { Span } from "./text.ts";
import type { UseVmac } from "./vmac.ts";

/** An instance with the places of what other checks speak about. */
export interface PlacedInstance {
  instance: InstanceConfig;
  name: Span;
  vrid: Span;
  /** The closing brace, where keepalived says what does not go together. */
  end: Span;
  settings: Settings;
  /** use_vmac, or null. */
  useVmac: UseVmac | null;
  /** Its addresses, the excluded ones last. */
  listed: readonly PlacedAddress[];
}
