// A bound UNIX datagram socket: what the service manager's side of sd_notify is, for tests.
import { rmSync } from "node:fs";
import { SOCKET } from "../../native/constants.ts";
import { closeDescriptor } from "../../native/descriptor.ts";
import { SOCKADDR_UN } from "../../native/layout.ts";
import { libc } from "../../native/libc.ts";
import { Memory, pointer } from "../../native/memory.ts";
import { until } from "./until.ts";

/** Receives datagrams at a path, or at `@name` in the abstract namespace of this network namespace. */
export class DatagramReceiver implements Disposable {
  /** Everything that has arrived, a text each. */
  readonly received: string[] = [];
  readonly #fd: number;
  readonly #path: string;
  readonly #memory = new Memory(4096);

  constructor(path: string) {
    this.#path = path;
    this.#fd = libc.socket(SOCKET.AF_UNIX, SOCKET.SOCK_DGRAM | SOCKET.SOCK_CLOEXEC, 0);
    const bytes = new TextEncoder().encode(path.replace(/^@/, "\0"));
    const name = new Memory(SOCKADDR_UN.at.sun_path + bytes.length);
    name.view.setUint16(0, SOCKET.AF_UNIX, true);
    name.bytes.set(bytes, SOCKADDR_UN.at.sun_path);
    if (libc.bind(this.#fd, pointer(name.address), name.bytes.length) !== 0) {
      throw new Error(`no socket can be bound at ${path}`);
    }
  }

  /** Reads what has arrived since. Returns everything. */
  read(): string[] {
    for (;;) {
      const n = Number(
        libc.recv(
          this.#fd,
          pointer(this.#memory.address),
          this.#memory.bytes.length,
          SOCKET.MSG_DONTWAIT,
        ),
      );
      if (n < 0) return this.received;
      this.received.push(new TextDecoder().decode(this.#memory.bytes.slice(0, n)));
    }
  }

  /** Awaits a datagram that matches, at place `from` or later. Resolves with its place. */
  async waitFor(pattern: RegExp, from = 0): Promise<number> {
    return await until(
      () => {
        const at = this.read().findIndex((text, i) => i >= from && pattern.test(text));
        return at < 0 ? null : { at };
      },
      () => `${pattern} never came: ${JSON.stringify(this.received)}`,
    ).then(({ at }) => at);
  }

  [Symbol.dispose](): void {
    closeDescriptor(this.#fd);
    if (!this.#path.startsWith("@")) rmSync(this.#path, { force: true });
  }
}
