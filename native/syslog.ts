// Lines to the system's log: datagrams to /dev/log (RFC 3164 form, as syslog(3) sends them).
import { closeDescriptor } from "./descriptor.ts";
import { lastErrno, SyscallError } from "./errno.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";
import { SOCKET } from "./constants.ts";

/** sys/un.h: sun_path follows the 2-byte family. */
const UNIX_PATH_AT = 2;
/** syslog.h: LOG_DAEMON is facility 3. */
const FACILITY_DAEMON = 3;
const LINE_BYTES = 2048;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A datagram socket to the log daemon. Lines are lost while nobody listens, as with syslog(3). */
export class SyslogSocket {
  readonly #fd: number;
  readonly #name: Memory;
  readonly #nameBytes: number;
  readonly #line = new Memory(LINE_BYTES);
  readonly #ident: string;
  readonly #encoder = new TextEncoder();

  /** `ident`: the program's name in each line. Throws SyscallError. */
  constructor(ident: string, path = "/dev/log") {
    const bytes = this.#encoder.encode(path);
    this.#ident = ident;
    this.#nameBytes = UNIX_PATH_AT + bytes.length + 1;
    this.#name = new Memory(this.#nameBytes);
    this.#name.view.setUint16(0, SOCKET.AF_UNIX, true);
    this.#name.bytes.set(bytes, UNIX_PATH_AT);
    const type = SOCKET.SOCK_DGRAM | SOCKET.SOCK_CLOEXEC | SOCKET.SOCK_NONBLOCK;
    this.#fd = libc.socket(SOCKET.AF_UNIX, type, 0);
    if (this.#fd < 0) {
      throw new SyscallError({
        call: "socket",
        errno: lastErrno(),
        tried: "open a socket to the system log",
      });
    }
  }

  /** Sends one line with a severity of RFC 5424 (0..7). */
  send(severity: number, text: string): void {
    const now = new Date();
    const two = (n: number) => String(n).padStart(2, "0");
    const clock = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
    const stamp = `${MONTHS[now.getMonth()]} ${String(now.getDate()).padStart(2)} ${clock}`;
    const line = `<${FACILITY_DAEMON * 8 + severity}>${stamp} ${this.#ident}[${process.pid}]: ${text}`;
    const { written } = this.#encoder.encodeInto(line, this.#line.bytes);
    libc.sendto(
      this.#fd,
      pointer(this.#line.address),
      written,
      0,
      pointer(this.#name.address),
      this.#nameBytes,
    );
  }

  close(): void {
    closeDescriptor(this.#fd);
  }
}
