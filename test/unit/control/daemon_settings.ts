// The settings of a daemon whose configuration says nothing about them.
import type { DaemonSettings } from "../../../src/config/daemon.ts";

export const DAEMON: DaemonSettings = {
  namespace: null,
  name: null,
  pidDirectory: false,
  stopLimitUs: 5_000_000,
  umask: null,
  dumpNames: false,
  saveDirectory: null,
  reload: { findings: null, timeFile: null, repeat: false, marker: null },
};
