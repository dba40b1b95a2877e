// One thing that the parity program does: a name and a result that is the same on every run and machine.

/** Throws or rejects when it fails; the result is printed as JSON. */
export type Item = () => unknown;
export type Items = Record<string, Item>;

/** The message of what `work` throws; fails when it throws nothing. */
export function thrown(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  throw new Error("nothing was thrown");
}
