// Why a daemon cannot start, or must end.

/** A daemon that cannot start, or must end: one sentence and an exit code. */
export class DaemonError extends Error {
  readonly exitCode: number;
  /** Another daemon holds the pid file. */
  readonly alreadyRuns: boolean;
  constructor(message: string, exitCode: number, alreadyRuns = false) {
    super(message);
    this.exitCode = exitCode;
    this.alreadyRuns = alreadyRuns;
  }
}
