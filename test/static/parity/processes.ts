// The process and its children: itself again, scripts, signals, files, the environment, users.
import fs from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { runChild } from "../../../native/child.ts";
import { type Items, thrown } from "./item.ts";

/** What `main.ts child TASK` does. */
export async function childProcess(task: string): Promise<void> {
  if (task === "throw") throw new Error("on purpose");
  if (task === "reject") await Promise.reject(new Error("on purpose"));
  if (task === "echo") {
    for await (const part of Bun.stdin.stream()) process.stdout.write(part);
    process.exit(7);
  }
  if (task === "signals") {
    for (const name of ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const) {
      process.on(name, () => {
        console.log(name);
        if (name === "SIGTERM") process.exit(3);
      });
    }
    console.log("ready");
    setInterval(() => {}, 1000);
    return;
  }
  process.exit(99);
}

/** Starts this program again. */
function again(task: string) {
  return Bun.spawn([process.execPath, "child", task], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
}

export const processes: Items = {
  "itself again, over pipes": async () => {
    const child = again("echo");
    child.stdin.write("through the pipe");
    await child.stdin.end();
    return [await child.stdout.text(), await child.exited];
  },
  "an uncaught exception": async () => {
    const child = again("throw");
    return [(await child.stderr.text()).includes("on purpose"), await child.exited];
  },
  "an unhandled rejection": async () => {
    const child = again("reject");
    return [(await child.stderr.text()).includes("on purpose"), await child.exited];
  },
  signals: async () => {
    const child = again("signals");
    const heard: string[] = [];
    const next = ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGTERM"] as NodeJS.Signals[];
    const decoder = new TextDecoder();
    for await (const part of child.stdout) {
      heard.push(decoder.decode(part).trim());
      const signal = next.shift();
      if (signal !== undefined) child.kill(signal);
    }
    return [heard, await child.exited];
  },
  "a signal to itself": async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    process.once("SIGUSR2", (name) => resolve(String(name)));
    process.kill(process.pid, "SIGUSR2");
    return await promise;
  },
  "a script as the daemon runs it": async () => [
    await runChild(["/bin/sh", "-c", "exit 5"], null).exited,
    await runChild(["/bin/sh", "-c", "kill -9 $$"], null).exited,
    await runChild(["/does/not/exist"], null).exited,
  ],
  "a script of another user": async () => {
    if (process.geteuid?.() !== 0) return { code: 0, signal: null, error: null };
    return await runChild(["/bin/sh", "-c", "test $(id -u) = 65534"], { uid: 65534, gid: 65534 }).exited;
  },
  "a script that does not end": async () => {
    const child = runChild(["/bin/sh", "-c", "while :; do sleep 1; done"], null);
    return await child.terminate();
  },
  "fifty children at once": async () => {
    const codes = await Promise.all(
      Array.from({ length: 50 }, (_, i) => Bun.spawn(["/bin/sh", "-c", `exit ${i}`]).exited),
    );
    return codes.join();
  },
  "the environment of a child": () =>
    Bun.spawnSync(["/bin/sh", "-c", "echo $GIVEN"], { env: { GIVEN: "given", PATH: "/bin:/usr/bin" } }).stdout
      .toString(),
  files: async () => {
    const directory = fs.mkdtempSync(join(tmpdir(), "baton-parity-"));
    const file = join(directory, "file");
    await Bun.write(file, "text");
    fs.appendFileSync(file, " more");
    fs.chmodSync(file, 0o640);
    fs.utimesSync(file, 1, 2);
    fs.symlinkSync(file, `${file}.link`);
    fs.renameSync(file, `${file}.moved`);
    const result = [
      thrown(() => fs.readFileSync(`${file}.link`)).replaceAll(directory, ""),
      await Bun.file(`${file}.moved`).text(),
      fs.statSync(`${file}.moved`).mode.toString(8),
      fs.statSync(`${file}.moved`).mtimeMs,
      fs.lstatSync(`${file}.link`).isSymbolicLink(),
      fs.readdirSync(directory).sort(),
    ];
    const { promise, resolve } = Promise.withResolvers<string>();
    const watcher = fs.watch(directory, () => resolve("seen"));
    fs.writeFileSync(join(directory, "new"), "");
    result.push(await promise);
    watcher.close();
    fs.rmSync(directory, { recursive: true });
    return result;
  },
  "the user, the mask, the title": () => {
    process.title = "parity";
    return [userInfo().username, process.umask().toString(8), process.title, process.geteuid?.()];
  },
  "the path of the executable": () => fs.realpathSync(process.execPath) === fs.readlinkSync("/proc/self/exe"),
};
