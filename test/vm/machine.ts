// One virtual machine: QEMU with the emulated processor, its serial console as a log, the power plug in our hand.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Arch } from "../../native/static/machine.ts";
import { NAME } from "../support/conf.ts";
import { Program } from "../support/program.ts";
import { within } from "../support/until.ts";
import { type Bed, bedArchive, bedProgram, image } from "./image.ts";
import { kernelOf } from "./kernel.ts";
import { WAIT_MS } from "./limits.ts";
import type { Segment } from "./segment.ts";

/** What QEMU needs for each kind of machine. The processors are the oldest that the executable is made for. */
const QEMU: Record<Arch, { program: string; words: string[]; console: string }> = {
  x64: {
    program: "qemu-system-x86_64",
    words: ["-machine", "pc", "-cpu", "Nehalem"],
    console: "ttyS0",
  },
  arm64: {
    program: "qemu-system-aarch64",
    words: ["-machine", "virt", "-cpu", "cortex-a53"],
    console: "ttyAMA0",
  },
};

/** Debian's package of each emulator. */
export const QEMU_PACKAGES: Record<Arch, string> = { x64: "qemu-system-x86", arm64: "qemu-system-arm" };

/** The emulator for a kind of machine. */
export function emulator(arch: Arch): string {
  return QEMU[arch].program;
}

/** What a machine is made of. */
export interface Parts {
  name: string;
  arch: Arch;
  /** keepalived.conf. */
  configuration: string;
  /** Hardware address of the card; null: the machine has none. */
  hardware: string | null;
  /** Hardware address of a second card on the same wire, which `Seen.machine` calls NAME-2. */
  second?: string;
  /** null: the image and nothing else. */
  bed: Bed | null;
  /** Whether the image is compressed, as on flash. */
  compressed?: boolean;
}

type State = "MASTER" | "BACKUP" | "FAULT";

const FIRST_CARD = "wire";

/** The words for a network card. */
function card(id: string, path: string, hardware: string): string[] {
  return [
    ...["-netdev", `stream,id=${id},server=off,addr.type=unix,addr.path=${path}`],
    ...["-device", `virtio-net-pci,netdev=${id},mac=${hardware},romfile=`],
  ];
}

/** In MiB: the image lies in it twice while the kernel unpacks it. */
const MEMORY_MIB = 512;

export class Machine {
  readonly name: string;
  readonly #words: string[];
  readonly #monitor: string;
  #program: Program | null = null;

  /** Makes the image in `folder`; `start` turns the machine on. */
  constructor(folder: string, segment: Segment, parts: Parts) {
    const { name, arch, hardware, bed } = parts;
    const kernel = kernelOf(arch);
    if (kernel === null) throw new Error(`there is no kernel for ${arch}: bun test/vm/fetch.ts ${arch}`);
    const archives = [image(arch, parts.configuration)];
    if (parts.compressed === true) archives[0] = Bun.zstdCompressSync(archives[0]!, { level: 3 });
    if (bed !== null) archives.push(bedArchive(arch, kernel, bed, bedProgram(arch, folder)));
    const initramfs = join(folder, `${name}.initramfs`);
    writeFileSync(initramfs, Buffer.concat(archives));
    this.name = name;
    this.#monitor = join(folder, `${name}.monitor`);
    // The emulator ends with this process, however that ends.
    this.#words = [
      ...["setpriv", "--pdeathsig", "KILL", QEMU[arch].program, ...QEMU[arch].words],
      ...["-accel", "tcg", "-m", String(MEMORY_MIB), "-smp", "1", "-nodefaults", "-no-user-config"],
      ...["-display", "none", "-serial", "stdio", "-no-reboot"],
      ...["-monitor", `unix:${this.#monitor},server=on,wait=off`],
      ...(hardware === null ? [] : card(FIRST_CARD, segment.plug(name), hardware)),
      ...(parts.second === undefined ? [] : card("second", segment.plug(`${name}-2`), parts.second)),
      ...["-kernel", kernel.image, "-initrd", initramfs],
      ...[
        "-append",
        `console=${QEMU[arch].console} panic=-1 quiet${bed === null ? "" : " rdinit=/bed/init"}`,
      ],
    ];
  }

  /** Turns it on. */
  start(): this {
    this.#program = new Program(this.name, this.#words);
    return this;
  }

  get #running(): Program {
    if (this.#program === null) throw new Error(`${this.name} has not been started`);
    return this.#program;
  }

  /** Everything on the console since it was turned on. */
  get console(): string {
    return this.#running.log;
  }

  /** A place on the console, for `says`. */
  mark(): number {
    return this.#running.mark();
  }

  /** Awaits a line on the console. Fails with the whole console, also when the machine ends first. */
  says(pattern: RegExp, from = 0): Promise<string> {
    const program = this.#running;
    const ended = program.exited.then((code) => {
      const line = program.lines.slice(from).find((each) => pattern.test(each));
      if (line !== undefined) return line;
      throw new Error(`${this.name} ended with ${code} before it wrote ${pattern}:\n${program.log}`);
    });
    return Promise.race([program.waitFor(pattern, from, WAIT_MS), ended]);
  }

  /** Awaits `(NAME) Entering STATE STATE`; the line. */
  enters(state: State, instance: string = NAME, from = 0): Promise<string> {
    return this.says(new RegExp(`\\(${instance}\\) Entering ${state} STATE`), from);
  }

  /** Awaits that the last state which the instance has entered is this one. */
  async becomes(state: State, instance: string = NAME): Promise<void> {
    const entering = new RegExp(`\\(${instance}\\) Entering (\\w+) STATE`);
    for (let from = 0;; from = this.mark()) {
      await this.says(entering, from);
      const states = this.#running.lines.flatMap((line) => entering.exec(line)?.[1] ?? []);
      if (states.at(-1) === state) return;
    }
  }

  /** Power is lost: the emulator is killed. */
  async losePower(): Promise<void> {
    await this.#program?.kill();
  }

  /** Somebody presses Ctrl-Alt-Del. */
  pressCtrlAltDel(): Promise<void> {
    return this.#tell("sendkey ctrl-alt-delete");
  }

  /** Somebody pulls the cable of the first card. */
  pullCable(): Promise<void> {
    return this.#tell(`set_link ${FIRST_CARD} off`);
  }

  /** Gives the emulator's monitor a command. */
  async #tell(command: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // The monitor greets with a prompt; the command is carried out when it prompts again.
    let prompts = 0;
    const socket = await Bun.connect({
      unix: this.#monitor,
      socket: {
        data: (connection, data) => {
          const seen = new TextDecoder().decode(data).split("(qemu) ").length - 1;
          if (prompts === 0 && seen > 0) connection.write(`${command}\n`);
          prompts += seen;
          if (prompts >= 2) resolve();
        },
        close: () => reject(new Error(`the monitor of ${this.name} has hung up`)),
      },
    });
    await within(promise, () => `the monitor of ${this.name} does not answer`, WAIT_MS);
    socket.end();
  }

  /** Awaits that the machine has ended by itself: with -no-reboot that is its restart. Resolves with the exit code. */
  ended(): Promise<number> {
    const program = this.#running;
    return within(program.exited, () => `${this.name} never restarted:\n${program.log}`, WAIT_MS);
  }
}
