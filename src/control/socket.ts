// The control socket: a UNIX stream socket that answers one request with one JSON text and closes.
//
// `baton status` asks here, whether or not the HTTP endpoint is on. Mode 0660: root and its group.
// Bun's own sockets rather than node:net: that one brings all of Node's streams along, 6 MB of them.
import { chmodSync, rmSync } from "node:fs";
import { isListening } from "../status/listening.ts";

/** A request is a word, perhaps a blank and an argument, and a newline. */
const WORD_LIMIT = 64;
/** Longest argument, in UTF-16 units: a configuration of some thousand instances. */
const ARGUMENT_LIMIT = 16_000_000;

/** Answers a request; `argument` is "" without one. What it throws becomes the answer. */
export type Answer = (argument: string) => unknown;

export interface ControlSocket {
  stop(): void;
}

/** What is known of one connection. */
interface Conversation {
  request: string;
  decoder: TextDecoder;
  /** The request is complete, and its answer may be waited for. */
  asked: boolean;
  /** What the client has not taken yet; null until there is an answer. */
  rest: Uint8Array | null;
}

type Client = Bun.Socket<Conversation>;

/** Answers `name argument\n` with what `answers[name]` returns or resolves with. Rejects with an Error of one sentence. */
export async function serveControl(
  path: string,
  answers: Readonly<Record<string, Answer>>,
): Promise<ControlSocket> {
  if (await isListening(path)) {
    throw new Error(`another daemon answers on ${path}: stop it, or give this one another --socket`);
  }
  rmSync(path, { force: true });
  try {
    const listener = Bun.listen<Conversation>({
      unix: path,
      // A client may close its half once it has asked.
      allowHalfOpen: true,
      socket: {
        open: (client) =>
          void (client.data = {
            request: "",
            decoder: new TextDecoder(),
            asked: false,
            rest: null,
          }),
        data: (client, bytes) => hear(client, bytes, answers),
        drain: push,
        end: (client) => void (client.data.asked || client.end()),
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
  let rest = new TextEncoder().encode(request + "\n");
  const say = (socket: Bun.Socket) => {
    if (rest.length > 0) rest = rest.subarray(Math.max(0, socket.write(rest)));
  };
  Bun.connect({
    unix: path,
    socket: {
      open: say,
      drain: say,
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

/** Takes what a client says; its first line is the request, and the rest is not looked at. */
function hear(client: Client, bytes: Uint8Array, answers: Readonly<Record<string, Answer>>): void {
  const { data } = client;
  if (data.asked) return;
  const part = data.decoder.decode(bytes, { stream: true });
  const newline = part.indexOf("\n");
  const end = newline < 0 ? -1 : data.request.length + newline;
  data.request += part;
  const line = end < 0 ? data.request : data.request.slice(0, end);
  const blank = line.indexOf(" ");
  const word = blank < 0 ? line : line.slice(0, blank);
  const tooLong = word.length >= WORD_LIMIT || line.length > ARGUMENT_LIMIT;
  if (end < 0 && !tooLong) return;
  data.asked = true;
  data.request = "";
  if (tooLong) return reply(client, { error: "the request is too long" });
  answerTo(word, blank < 0 ? "" : line.slice(blank + 1), answers).then((answer) => reply(client, answer));
}

function reply(client: Client, answer: unknown): void {
  client.data.rest = new TextEncoder().encode(JSON.stringify(answer) + "\n");
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

async function answerTo(
  word: string,
  argument: string,
  answers: Readonly<Record<string, Answer>>,
): Promise<unknown> {
  if (!Object.hasOwn(answers, word)) return { error: `there is no request ${word}` };
  try {
    return await answers[word]!(argument);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
