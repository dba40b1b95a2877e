// The control socket: a UNIX stream socket that answers one request with one JSON text and closes.
//
// `baton status` asks here, whether or not the HTTP endpoint is on. Mode 0660: root and its group.
import { chmodSync, rmSync } from "node:fs";

/** Requests are one word and a newline. */
const REQUEST_LIMIT_BYTES = 64;

export interface ControlSocket {
  stop(): void;
}

interface Connection {
  request: string;
}

/** Answers `name\n` with what `answers[name]` returns. Throws an Error of one sentence. */
export async function serveControl(
  path: string,
  answers: Record<string, () => unknown>,
): Promise<ControlSocket> {
  if (await ask(path, "ping").then(() => true, (error) => !isAbsent(error))) {
    throw new Error(`another daemon answers on ${path}: stop it, or give this one another --socket`);
  }
  rmSync(path, { force: true });
  try {
    const server = Bun.listen<Connection>({
      unix: path,
      socket: {
        open: (socket) => {
          socket.data = { request: "" };
        },
        data: (socket, bytes) => {
          socket.data.request += bytes.toString("utf8");
          const end = socket.data.request.indexOf("\n");
          if (end < 0 && socket.data.request.length < REQUEST_LIMIT_BYTES) return;
          const name = socket.data.request.slice(0, Math.max(0, end));
          const answer = Object.hasOwn(answers, name)
            ? answers[name]!()
            : { error: `there is no request ${name}` };
          socket.end(JSON.stringify(answer) + "\n");
        },
        error: () => {},
      },
    });
    chmodSync(path, 0o660);
    return {
      stop: () => {
        server.stop(true);
        rmSync(path, { force: true });
      },
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the control socket ${path} cannot be opened (${why}): choose another with --socket`);
  }
}

/** Asks the daemon behind the socket. Rejects with an Error when nobody answers or the answer is no JSON. */
export function ask(path: string, request: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const decoder = new TextDecoder();
  let text = "";
  const finish = () => {
    try {
      resolve(JSON.parse(text));
    } catch {
      reject(new Error(`the daemon behind ${path} ended without an answer: look at its log`));
    }
  };
  Bun.connect({
    unix: path,
    socket: {
      open: (socket) => {
        socket.write(request + "\n");
      },
      data: (_socket, bytes) => {
        text += decoder.decode(bytes, { stream: true });
      },
      close: finish,
      end: finish,
      error: (_socket, error) => reject(error),
      connectError: (_socket, error) => reject(error),
    },
  }).catch(reject);
  return promise;
}

/** Whether the error means that no daemon is there. */
export function isAbsent(error: unknown): boolean {
  const code = error !== null && typeof error === "object" && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ECONNREFUSED";
}
