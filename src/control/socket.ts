// The control socket: a UNIX stream socket that answers one request with one JSON text and closes.
//
// `baton status` asks here, whether or not the HTTP endpoint is on. Mode 0660: root and its group.
// node:net rather than Bun.listen: it keeps what a slow reader has not taken yet.
import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";

/** Requests are one word and a newline. */
const REQUEST_LIMIT = 64;

export interface ControlSocket {
  stop(): void;
}

/** Answers `name\n` with what `answers[name]` returns. Rejects with an Error of one sentence. */
export async function serveControl(
  path: string,
  answers: Record<string, () => unknown>,
): Promise<ControlSocket> {
  if (await ask(path, "ping").then(() => true, (error) => !isAbsent(error))) {
    throw new Error(`another daemon answers on ${path}: stop it, or give this one another --socket`);
  }
  rmSync(path, { force: true });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    answerOne(socket, answers);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(path, resolve);
  try {
    await promise;
    chmodSync(path, 0o660);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the control socket ${path} cannot be opened (${why}): choose another with --socket`);
  }
  return {
    stop: () => {
      server.close();
      for (const socket of open) socket.destroy();
      rmSync(path, { force: true });
    },
  };
}

/** Asks the daemon behind the socket. Rejects with an Error when nobody answers or the answer is no JSON. */
export function ask(path: string, request: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const socket = connect(path, () => socket.write(request + "\n"));
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (part: string) => text += part);
  socket.on("error", reject);
  socket.on("close", () => {
    try {
      resolve(JSON.parse(text));
    } catch {
      reject(new Error(`the daemon behind ${path} ended without an answer: look at its log`));
    }
  });
  return promise;
}

/** Whether the error means that no daemon is there. */
export function isAbsent(error: unknown): boolean {
  const code = error !== null && typeof error === "object" && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ECONNREFUSED";
}

function answerOne(socket: Socket, answers: Record<string, () => unknown>): void {
  let request = "";
  socket.setEncoding("utf8");
  socket.on("data", (part: string) => {
    request += part;
    const end = request.indexOf("\n");
    if (end < 0 && request.length < REQUEST_LIMIT) return;
    socket.removeAllListeners("data");
    socket.end(JSON.stringify(answerTo(end < 0 ? request : request.slice(0, end), answers)) + "\n");
  });
}

function answerTo(request: string, answers: Record<string, () => unknown>): unknown {
  if (request.length >= REQUEST_LIMIT) return { error: "the request is too long" };
  return Object.hasOwn(answers, request) ? answers[request]!() : { error: `there is no request ${request}` };
}
