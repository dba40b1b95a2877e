// Settings of the runtime that the static executable always has.

/**
 * Variables of the environment (BUN_JSC_useX ...), set before the runtime starts whatever the caller's say.
 * JavaScriptCore reads its options only there.
 */
export const BAKED_ENVIRONMENT: Record<string, string> = {};

/** Options of the command line, as after `bun` (--smol ...). */
export const BAKED_ARGUMENTS: string[] = [];
