// The control socket: a UNIX stream socket that answers one request with one JSON text and closes.
//
// `baton status` asks here, whether or not the HTTP endpoint is on. Mode 0660: root and its group.
// Bun's own sockets rather than node:net: that one brings all of Node's streams along, 6 MB of them.
import { chmodSync, rmSync } from "node:fs";

/** Requests are one word and a newline. */
const REQUEST_LIMIT = 64;

export interface ControlSocket {
  stop(): void;
}

/** What is known of one connection. */
interface Conversation {
  request: string;
  /** What the client has not taken yet; null until there is an answer. */
  rest: Uint8Array | null;
}

type Client = Bun.Socket<Conversation>;

/** Answers `name\n` with what `answers[name]` returns. Rejects with an Error of one sentence. */
export async function serveControl(
  path: string,
  answers: Record<string, () => unknown>,
): Promise<ControlSocket> {
  if (await ask(path, "ping").then(() => true, (error) => !isAbsent(error))) {
    throw new Error(`another daemon answers on ${path}: stop it, or give this one another --socket`);
  }
  rmSync(path, { force: true });
  try {
    const listener = Bun.listen<Conversation>({
      unix: path,
      // A client may close its half once it has asked.
      allowHalfOpen: true,
      socket: {
        open: (client) => void (client.data = { request: "", rest: null }),
        data: (client, bytes) => hear(client, bytes, answers),
        drain: push,
        end: (client) => void (client.data.rest === null && client.end()),
        error: (client) => client.terminate(),
      },
    });
    chmodSync(path, 0o660);
    return {
      stop: () => {
        listener.stop(true);
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
  Bun.connect({
    unix: path,
    socket: {
      open: (socket) => void socket.write(request + "\n"),
      data: (_socket, bytes) => void (text += decoder.decode(bytes, { stream: true })),
      error: (_socket, error) => reject(error),
      close: () => {
        try {
          resolve(JSON.parse(text));
        } catch {
          reject(new Error(`the daemon behind ${path} ended without an answer: look at its log`));
        }
      },
    },
  }).catch(reject);
  return promise;
}

/** Whether the error means that no daemon is there. */
export function isAbsent(error: unknown): boolean {
  const code = error !== null && typeof error === "object" && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ECONNREFUSED";
}

/** Takes what a client says; its first line is the request, and the rest is not looked at. */
function hear(client: Client, bytes: Uint8Array, answers: Record<string, () => unknown>): void {
  const { data } = client;
  if (data.rest !== null) return;
  for (const byte of bytes.subarray(0, REQUEST_LIMIT)) data.request += String.fromCharCode(byte);
  const end = data.request.indexOf("\n");
  if (end < 0 && data.request.length < REQUEST_LIMIT) return;
  const answer = answerTo(end < 0 ? data.request : data.request.slice(0, end), answers);
  data.rest = new TextEncoder().encode(JSON.stringify(answer) + "\n");
  push(client);
}

/** Hands on as much of the answer as the client takes now; closes after the last byte. */
function push(client: Client): void {
  const { data } = client;
  if (data.rest === null) return;
  const taken = client.write(data.rest);
  if (taken < 0) return void client.terminate();
  data.rest = data.rest.subarray(taken);
  if (data.rest.length === 0) client.end();
}

function answerTo(request: string, answers: Record<string, () => unknown>): unknown {
  if (request.length >= REQUEST_LIMIT) return { error: "the request is too long" };
  return Object.hasOwn(answers, request) ? answers[request]!() : { error: `there is no request ${request}` };
}
