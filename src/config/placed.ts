// An instance and where the file speaks of it, for the checks that come after it was read.
import type { PlacedAddress } from "./addresses.ts";
import type { InstanceConfig } from "./model.ts";
import type { Settings } from "./settings.ts";
import type { Span, Word } from "./text.ts";
import type { UseVmac } from "./virtual.ts";

/** An instance with the places of what other checks speak about; they are worked out for who asks. */
export class PlacedInstance {
  readonly instance: InstanceConfig;
  readonly settings: Settings;
  /** use_vmac, or null. */
  readonly useVmac: UseVmac | null;
  /** Its addresses, the excluded ones last. */
  readonly listed: readonly PlacedAddress[];
  /** The closing brace, where keepalived says what does not go together. */
  readonly end: Span;
  readonly #word: Word;

  /** `word`: its name. */
  constructor(
    instance: InstanceConfig,
    word: Word,
    settings: Settings,
    useVmac: UseVmac | null,
    listed: readonly PlacedAddress[],
    end: Span,
  ) {
    this.instance = instance;
    this.settings = settings;
    this.useVmac = useVmac;
    this.listed = listed;
    this.end = end;
    this.#word = word;
  }

  get name(): Span {
    return this.#word.span;
  }

  get vrid(): Span {
    return this.settings.span("virtual_router_id") ?? this.#word.span;
  }
}
