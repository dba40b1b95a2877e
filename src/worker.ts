// Where the engine Worker's code is, in the source tree and inside the compiled executable alike.
//
// This file stands at the root of src because the bundle does: there `import.meta.url` is the bundle's, and the
// Worker lies below it as its own entry point.
export const ENGINE_WORKER: URL = new URL("./engine/worker.ts", import.meta.url);
