// A program as the configuration names it: what config reads, and what notify and tracking run.

/** The user and group that a program runs as. */
export interface ScriptIdentity {
  user: string;
  group: string | null;
}

/** A program with its arguments; no shell is involved unless the words name one. */
export interface Command {
  words: string[];
  /** Null: the default (see GlobalConfig.scriptUser). */
  identity: ScriptIdentity | null;
}
