// How long the tests of virtual machines wait: an emulated processor is slow, a shared host more so.

/** Limit of one wait, in milliseconds; a machine boots in 5 to 20 s. */
export const WAIT_MS = 90_000;
/** Limit of one test, in milliseconds. */
export const TEST_MS = 240_000;
