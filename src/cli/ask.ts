// A question to the running daemon, and its answer shown, with a sentence when there is none.
import { runtimePaths } from "../control/runtime.ts";
import { ask } from "../control/socket.ts";
import { isAbsent } from "../status/listening.ts";
import { print } from "./output.ts";

/** What the commands that ask have in common. */
export const ASKING = { json: { type: "boolean" }, socket: { type: "string" } } as const;

/**
 * Asks over the control socket: `socket`, or that of this network namespace. Rejects with an Error of one sentence:
 * nobody there, or what the daemon objects.
 */
export async function askDaemon<Answer>(socket: string | undefined, request: string): Promise<Answer> {
  const { socket: path } = runtimePaths({ socket });
  let answer: unknown;
  try {
    answer = await ask(path, request);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw new Error(
      `no daemon answers on ${path}: start one with baton run, or name its socket with --socket`,
    );
  }
  if (answer !== null && typeof answer === "object" && "error" in answer) {
    throw new Error(`the daemon behind ${path} refuses: ${String(answer.error)}`);
  }
  return answer as Answer;
}

/** Prints an answer, as JSON or in the words of `text`. Returns whether anybody reads on. */
export function show<Answer>(
  answer: Answer,
  json: boolean | undefined,
  text: (answer: Answer) => string,
): boolean {
  return print(json === true ? `${JSON.stringify(answer, null, 2)}\n` : text(answer));
}
