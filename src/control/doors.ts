// Where a running daemon is asked: its control socket, and HTTP if that is wanted.
import type { Status } from "../status/snapshot.ts";
import type { StatusServer } from "../status/server.ts";
import type { Log } from "./log.ts";
import type { ReloadAnswer } from "./steps.ts";
import { type ControlSocket, serveControl } from "./socket.ts";

/** Who answers. */
export interface Answers {
  status(): Status;
  health(): { healthy: boolean; reason: string };
  reload(): Promise<ReloadAnswer>;
  /** What a reload with this configuration, as JSON, would do. */
  plan(config: string): unknown;
}

/** The open doors of a daemon. */
export class Doors {
  #control: ControlSocket | null = null;
  #http: StatusServer | null = null;

  /** `socket`: the path of the control socket; `listen`: where HTTP is served, null = nowhere. */
  async open(socket: string, listen: string | null, answers: Answers, log: Log): Promise<void> {
    this.#control = await serveControl(socket, {
      status: () => answers.status(),
      ping: () => ({ pid: process.pid }),
      reload: () => answers.reload(),
      plan: (config) => answers.plan(config),
    });
    // Nothing of HTTP is loaded unless it is wanted: it would cost memory.
    if (listen === null) return;
    const { createApp } = await import("../status/app.ts");
    const { serve } = await import("../status/server.ts");
    this.#http = await serve(createApp(() => answers.status(), () => answers.health()), listen);
    log.write("info", `status on ${this.#http.url}`);
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    await this.#http?.stop();
    this.#control?.stop();
  }
}
