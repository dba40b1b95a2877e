// An instance and where the file speaks of it, for the checks that come after it was read.
import type { PlacedAddress } from "./addresses.ts";
import type { InstanceConfig } from "./model.ts";
import type { DeviceWords } from "./device_words.ts";
import type { Settings } from "./settings.ts";
import type { Span, Word } from "./text.ts";
import { type Block, closing } from "./tree.ts";

/** An instance with the places of what other checks speak about; they are worked out for who asks. */
export class PlacedInstance {
  readonly instance: InstanceConfig;
  readonly settings: Settings;
  /** use_vmac or use_ipvlan, or null. */
  readonly useVmac: DeviceWords | null;
  /** Its addresses, the excluded ones last. */
  readonly listed: readonly PlacedAddress[];
  readonly #word: Word;
  readonly #block: Block | null;

  /** `word`: its name; `block`: what it says. */
  constructor(
    instance: InstanceConfig,
    word: Word,
    settings: Settings,
    useVmac: DeviceWords | null,
    listed: readonly PlacedAddress[],
    block: Block | null,
  ) {
    this.instance = instance;
    this.settings = settings;
    this.useVmac = useVmac;
    this.listed = listed;
    this.#word = word;
    this.#block = block;
  }

  /** The closing brace, where keepalived says what does not go together. */
  get end(): Span {
    return closing(this.#block, this.#word.span);
  }

  get name(): Span {
    return this.#word.span;
  }

  get vrid(): Span {
    return this.settings.span("virtual_router_id") ?? this.#word.span;
  }
}
