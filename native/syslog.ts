// Lines to the system's log: datagrams to /dev/log (RFC 3164 form, as syslog(3) sends them).
import { UnixDatagram } from "./unix_datagram.ts";

/** syslog.h: LOG_DAEMON is facility 3. */
const FACILITY_DAEMON = 3;
/** Longer lines are cut: every log daemon takes this much. */
const LINE_BYTES = 2048;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A datagram socket to the log daemon. Lines are lost while nobody listens, as with syslog(3). */
export class SyslogSocket {
  readonly #socket: UnixDatagram;
  readonly #line = new Uint8Array(new ArrayBuffer(LINE_BYTES));
  #ident: string;
  readonly #facility: number;
  readonly #encoder = new TextEncoder();

  /** `ident`: the program's name in each line; `facility`: 0..23 (RFC 3164 section 4.1.1). Throws SyscallError. */
  constructor(ident: string, path = "/dev/log", facility: number = FACILITY_DAEMON) {
    this.#ident = ident;
    this.#facility = facility;
    this.#socket = new UnixDatagram(path, "open a socket to the system log");
  }

  /** Sends one line with a severity of RFC 5424 (0..7). */
  send(severity: number, text: string): void {
    const now = new Date();
    const two = (n: number) => String(n).padStart(2, "0");
    const clock = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
    const stamp = `${MONTHS[now.getMonth()]} ${String(now.getDate()).padStart(2)} ${clock}`;
    const line = `<${this.#facility * 8 + severity}>${stamp} ${this.#ident}[${process.pid}]: ${text}`;
    const { written } = this.#encoder.encodeInto(line, this.#line);
    this.#socket.send(this.#line.subarray(0, written));
  }

  /** From now on `_SUFFIX` follows the program's name in each line. */
  addToIdent(suffix: string): void {
    this.#ident += `_${suffix}`;
  }

  close(): void {
    this.#socket.close();
  }
}
