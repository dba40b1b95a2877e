// Numbers of the signals that keepalived's users send (keepalived --signum=NAME prints them).

/** glibc's SIGRTMIN is 34 and SIGRTMAX 64: JSON is SIGRTMIN+2, STATS_CLEAR SIGRTMAX-1. */
export const SIGNALS = {
  STOP: 15,
  RELOAD: 1,
  DATA: 10,
  STATS: 12,
  STATS_CLEAR: 63,
  JSON: 36,
} as const;
