// How this program starts itself: the executable alone, or the runtime with the entry file.

/** Where the files of a compiled executable appear. */
const EMBEDDED = "/$bunfs/";

/** The words that start this program; its arguments follow. */
export function ownCommand(): string[] {
  return Bun.main.startsWith(EMBEDDED) ? [process.execPath] : [process.execPath, Bun.main];
}
