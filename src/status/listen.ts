// Parses where the status endpoint listens: ADDR:PORT, [v6]:PORT or unix:PATH.
import { isIP } from "node:net";

export type ListenAddress =
  | { kind: "tcp"; hostname: string; port: number }
  | { kind: "unix"; path: string };

/** sun_path without its final NUL (linux/un.h: UNIX_PATH_MAX 108). */
const MAX_UNIX_PATH_BYTES = 107;

/** The address, or one sentence that says what is wrong with the text. */
export function parseListen(text: string): ListenAddress | { error: string } {
  if (text.startsWith("unix:")) return parseUnix(text.slice("unix:".length), text);
  const match = /^(?:\[([^\]]*)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text);
  if (match === null) {
    return { error: `"${text}" is not an address to listen on: write ADDR:PORT, [IPV6]:PORT or unix:PATH` };
  }
  const [, bracketed, plain, portText] = match;
  const port = Number(portText);
  if (port > 65535) return { error: `"${text}" has no valid port: it is a number from 0 to 65535` };
  const hostname = bracketed ?? plain ?? "";
  if (bracketed !== undefined && isIP(bracketed) !== 6) {
    return { error: `"${text}" has no valid IPv6 address between the brackets` };
  }
  if (plain !== undefined && isIP(plain) !== 4 && plain !== "localhost") {
    return {
      error:
        `"${text}" does not name an address of this machine: write its number, for example 127.0.0.1:${port}`,
    };
  }
  return { kind: "tcp", hostname, port };
}

function parseUnix(path: string, text: string): ListenAddress | { error: string } {
  if (!path.startsWith("/")) {
    return { error: `"${text}" needs a full path: write unix:/run/baton.sock, for example` };
  }
  if (path.includes("\0")) return { error: "the path of a UNIX socket contains a NUL byte" };
  if (new TextEncoder().encode(path).length > MAX_UNIX_PATH_BYTES) {
    return { error: `the path of the UNIX socket ${path} is too long: at most ${MAX_UNIX_PATH_BYTES} bytes` };
  }
  return { kind: "unix", path };
}
