// Child process of the bench: asks an HTTP endpoint on a UNIX socket at a steady rate, and reports what was answered.
import { monotonicUs } from "../../native/clock.ts";

interface Spec {
  socket: string;
  perSecond: number;
  seconds: number;
}

const CONNECTIONS = 8;
/** Requests that may be on their way on one connection: a slow server is not buried. */
const AHEAD = 64;
const STEP_MS = 1;
const PATHS = ["/status", "/metrics", "/healthz"] as const;
const START_OF_ANSWER = Buffer.from("HTTP/1.1 ");

/** Answers that begin in a chunk of the stream. One that is torn apart there is missed: fewer, never more. */
function answersIn(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(START_OF_ANSWER); at >= 0; at = chunk.indexOf(START_OF_ANSWER, at + 1)) count++;
  return count;
}

async function ask({ socket, perSecond, seconds }: Spec): Promise<{ answered: number; seconds: number }> {
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const state = { asked: 0, answered: 0 };
      const connection = await Bun.connect({
        unix: socket,
        socket: { data: (_, chunk) => void (state.answered += answersIn(chunk)) },
      });
      return { state, connection };
    }),
  );
  const requests = PATHS.map((path) => `GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
  const startUs = monotonicUs();
  const endUs = startUs + seconds * 1_000_000;
  let asked = 0;
  for (let nowUs = startUs; nowUs < endUs; nowUs = monotonicUs()) {
    const due = ((nowUs - startUs) * perSecond) / 1_000_000;
    for (const { state, connection } of connections) {
      let text = "";
      for (; asked < due && state.asked - state.answered < AHEAD; asked++, state.asked++) {
        text += requests[asked % requests.length];
      }
      if (text !== "") connection.write(text);
    }
    await Bun.sleep(STEP_MS);
  }
  const answered = connections.reduce((sum, { state }) => sum + state.answered, 0);
  return { answered, seconds: (monotonicUs() - startUs) / 1_000_000 };
}

process.stdout.write(JSON.stringify(await ask(JSON.parse(process.argv[2] ?? "{}") as Spec)) + "\n");
process.exit(0);
