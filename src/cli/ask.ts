// A question to the running daemon, with a sentence when there is none.
import { ask, isAbsent } from "../control/socket.ts";

/** Asks over the control socket. Rejects with an Error of one sentence: nobody there, or what the daemon objects. */
export async function askDaemon(socket: string, request: string): Promise<unknown> {
  let answer: unknown;
  try {
    answer = await ask(socket, request);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw new Error(
      `no daemon answers on ${socket}: start one with baton run, or name its socket with --socket`,
    );
  }
  if (answer !== null && typeof answer === "object" && "error" in answer) {
    throw new Error(`the daemon behind ${socket} refuses: ${String(answer.error)}`);
  }
  return answer;
}
