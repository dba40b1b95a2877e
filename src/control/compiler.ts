// Keeps the runtime's compiler thread from ending.
//
// The runtime compiles hot code on a thread of its own, which ends after 10 s without work. Whoever has work next starts
// it anew and waits until it runs. When that was the engine, in real time, it waited for a processor behind everybody's
// ordinary work: 4 to 8 ms without an advert on a busy machine. So the thread is given a little work before its time.

/** Twice within those 10 s. */
const EVERY_MS = 4000;
/** Rounds of a loop after which the runtime compiles it, with a margin (JavaScriptCore: thresholdForJITAfterWarmUp). */
const ROUNDS = 2000;

/** Gives the compiler work from now on. Keeps no process alive. */
export function keepCompilerAlive(): void {
  let turn = 0;
  setInterval(() => compileAnew(++turn), EVERY_MS).unref();
}

/** Runs code that the runtime has not seen before: the same again would not be compiled again. */
function compileAnew(turn: number): void {
  new Function("rounds", `let sum = ${turn}; for (let i = 0; i < rounds; i++) sum += i; return sum;`)(ROUNDS);
}
