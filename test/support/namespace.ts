// Work of this thread inside a named network namespace.
import { closeDescriptor } from "../../native/descriptor.ts";
import { enterNamespace, openNamespace } from "../../native/namespace.ts";

/** Runs `work`, which must not wait, with this thread in the namespace: sockets made there stay there. */
export function inside<T>(namespace: string, work: () => T): T {
  const home = openNamespace();
  const other = openNamespace(`/run/netns/${namespace}`);
  try {
    enterNamespace(other);
    return work();
  } finally {
    enterNamespace(home);
    closeDescriptor(other);
    closeDescriptor(home);
  }
}
