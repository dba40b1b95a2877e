// Runs startup_script or shutdown_script: one program, waited for, under its time limit.
import { runChild, signalNumber } from "../../native/child.ts";
import type { OnceConfig } from "../config/model.ts";
import type { Command } from "../command.ts";
import type { Prepared } from "../tracking/policy.ts";
import type { Log } from "./log.ts";

/**
 * Runs the program and waits for its end; whatever it is, the daemon goes on. `cut`: ends the wait, and the
 * program with it.
 */
export async function runOnce(
  keyword: "startup_script" | "shutdown_script",
  { command, timeoutUs }: OnceConfig,
  prepare: (command: Command) => Prepared,
  log: Log,
  cut?: Promise<unknown>,
): Promise<void> {
  const label = `${keyword} ${command.words[0] ?? ""}`;
  const prepared = prepare(command);
  if (prepared.refused !== null) return log.write("error", `${label} is not run: ${prepared.refused}`);
  const startedMs = performance.now();
  const child = runChild(prepared.words, prepared.identity);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void child.terminate();
  }, timeoutUs / 1000);
  void cut?.then(() => child.terminate());
  const { code, signal, error } = await child.exited;
  clearTimeout(timer);
  const after = `after ${((performance.now() - startedMs) / 1000).toFixed(3)} s`;
  if (error !== null) log.write("error", `${label} is not run: ${error}`);
  else if (late) log.write("warning", `${label} was killed ${after}: its time limit is ${timeoutUs / 1e6} s`);
  else if (signal !== null) {
    log.write("warning", `${label} was ended by signal ${signalNumber(signal)} ${after}`);
  } else log.write(code === 0 ? "info" : "warning", `${label} exited with status ${code} ${after}`);
}
