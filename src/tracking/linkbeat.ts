// Interfaces whose link is asked for once a second (linkbeat), where what netlink says is not to be trusted.
import { type LinkbeatMethod, LinkProbe } from "../../native/linkbeat.ts";

const POLL_MS = 1000;
/** Without a word from the user: the first that answers. */
const METHODS: readonly LinkbeatMethod[] = ["MII", "ETHTOOL", "IOCTL"];

/** An interface to ask; `method` null = the first way that it answers. */
export interface PolledInterface {
  interface: string;
  method: LinkbeatMethod | null;
}

/** Who hears of it. */
export interface LinkbeatListener {
  /** The interface has a link or has none, as `method` says: at first, and at each change. */
  changed(interfaceName: string, up: boolean, method: LinkbeatMethod): void;
  /** An interface cannot be asked as the user wants; a sentence. */
  warn(text: string): void;
}

/** Asks some interfaces for as long as it runs. */
export class Linkbeat {
  readonly #probe: LinkProbe;
  readonly #interfaces: readonly PolledInterface[];
  readonly #listener: LinkbeatListener;
  readonly #known = new Map<string, boolean>();
  readonly #warned = new Set<string>();
  readonly #timer: ReturnType<typeof setInterval>;

  /** Asks for the first time before it returns. Throws SyscallError. */
  constructor(interfaces: readonly PolledInterface[], listener: LinkbeatListener) {
    this.#probe = new LinkProbe();
    this.#interfaces = interfaces;
    this.#listener = listener;
    this.#poll();
    this.#timer = setInterval(() => this.#poll(), POLL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#probe.close();
  }

  #poll(): void {
    for (const { interface: name, method } of this.#interfaces) {
      const order = method === null ? METHODS : [method, ...METHODS.filter((each) => each !== method)];
      for (const way of order) {
        const up = this.#probe.ask(name, way);
        if (up === null) continue;
        if (method !== null && way !== method) this.#warn(name, method, way);
        if (this.#known.get(name) !== up) this.#listener.changed(name, up, way);
        this.#known.set(name, up);
        break;
      }
    }
  }

  #warn(name: string, method: LinkbeatMethod, way: LinkbeatMethod): void {
    if (this.#warned.has(name)) return;
    this.#warned.add(name);
    const text = `linkbeat: ${name} does not answer ${method}, so ${way} is used`;
    this.#listener.warn(`${text}; write ${name} ${way} in linkbeat_interfaces`);
  }
}
