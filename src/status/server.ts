// Serves the status endpoint on a TCP address or a UNIX socket.
import { lstatSync, unlinkSync } from "node:fs";
import { type ListenAddress, parseListen } from "./listen.ts";
import { isListening } from "./listening.ts";

/** Anything that answers requests: a Hono application is one. */
export interface RequestHandler {
  fetch(request: Request): Response | Promise<Response>;
}

export interface StatusServer {
  /** `http://ADDR:PORT/` with the real port, or `unix:PATH`. */
  readonly url: string;
  /** Closes the socket and its connections, and removes the socket file. */
  stop(): Promise<void>;
}

/** Why the endpoint cannot listen; `message` is one sentence for people. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

export interface ServeOptions {
  /** Permissions of a UNIX socket. Default 0660: root and its group. */
  unixMode?: number;
}

/** A status has no body to read: larger requests are refused. */
const MAX_BODY_BYTES = 1024;
const IDLE_TIMEOUT_S = 10;

/** Listens on `ADDR:PORT`, `[IPV6]:PORT` or `unix:PATH`. Rejects with a ListenError only. */
export async function serve(
  app: RequestHandler,
  listen: string,
  options: ServeOptions = {},
): Promise<StatusServer> {
  const address = parseListen(listen);
  if ("error" in address) throw new ListenError(address.error);
  const fetch = (request: Request): Response | Promise<Response> => app.fetch(request);
  try {
    return address.kind === "tcp"
      ? serveTcp(fetch, address.hostname, address.port)
      : await serveUnix(fetch, address.path, options.unixMode ?? 0o660);
  } catch (error) {
    throw error instanceof ListenError ? error : new ListenError(describeListenError(error, address));
  }
}

type Fetch = RequestHandler["fetch"];

function serveTcp(fetch: Fetch, hostname: string, port: number): StatusServer {
  const server = Bun.serve({
    hostname,
    port,
    fetch,
    maxRequestBodySize: MAX_BODY_BYTES,
    idleTimeout: IDLE_TIMEOUT_S,
    development: false,
    // Bun shares the port (SO_REUSEPORT) outside of development unless told not to.
    reusePort: false,
  });
  return { url: server.url.href, stop: () => server.stop(true) };
}

async function serveUnix(fetch: Fetch, path: string, mode: number): Promise<StatusServer> {
  await removeStale(path);
  // The permissions must hold from the first moment, so they come from the umask.
  const before = process.umask(~mode & 0o777);
  let server: Bun.Server<undefined>;
  try {
    server = Bun.serve({ unix: path, fetch, maxRequestBodySize: MAX_BODY_BYTES, development: false });
  } finally {
    process.umask(before);
  }
  return { url: `unix:${path}`, stop: () => server.stop(true) };
}

/** Removes a socket file that nobody answers on any more; refuses to touch anything else. */
async function removeStale(path: string): Promise<void> {
  let info;
  try {
    info = lstatSync(path);
  } catch (error) {
    if (errnoName(error) === "ENOENT") return;
    throw error;
  }
  if (!info.isSocket()) {
    throw new ListenError(`${path} exists and is not a socket: remove it, or choose another path`);
  }
  if (await isListening(path)) {
    throw new ListenError(`another program listens on ${path}: stop it, or choose another path`);
  }
  unlinkSync(path);
}

function errnoName(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function describeListenError(error: unknown, address: ListenAddress): string {
  const where = address.kind === "unix" ? address.path : `${address.hostname} port ${address.port}`;
  switch (errnoName(error)) {
    case "EADDRINUSE":
      return `another program listens on ${where}: stop it, or choose another address`;
    case "EADDRNOTAVAIL":
      return `${where}: this machine does not have that address: use one of its own, or 127.0.0.1`;
    case "EACCES":
    case "EPERM":
      return `this user may not listen on ${where}: run as root, or choose another address`;
    case "ENOENT":
    case "ENOTDIR":
      return `the directory of ${where} does not exist: create it, or choose another path`;
    case "EROFS":
      return `${where} is on a read-only file system: choose another path`;
    default:
      return `cannot listen on ${where}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
