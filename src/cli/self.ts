// How this program starts itself: the executable alone, or the runtime with the entry file.

/** Where the files of a compiled executable appear. */
const EMBEDDED = "/$bunfs/";

/** In the environment of a daemon that shall not outlive the process that started it (the demo's): that one's id. */
export const ENDS_WITH_PARENT = "BATON_ENDS_WITH_PARENT";

/** The words that start this program; its arguments follow. */
export function ownCommand(): string[] {
  return Bun.main.startsWith(EMBEDDED) ? [process.execPath] : [process.execPath, Bun.main];
}
