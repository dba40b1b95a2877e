// Whether somebody listens on a UNIX socket whose file is there.

/** Whether a process listens there, even one that is too busy to answer. */
export function isListening(path: string): Promise<boolean> {
  return Bun.connect({ unix: path, socket: { open: (socket) => void socket.terminate(), data: () => {} } })
    // EACCES, EAGAIN (a full queue) and the rest mean that somebody may be there.
    .then(() => true, (error) => !isAbsent(error));
}

/** Whether the error of a connection means that nobody is there. */
export function isAbsent(error: unknown): boolean {
  const code = error !== null && typeof error === "object" && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ECONNREFUSED";
}
