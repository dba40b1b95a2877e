// What the demo shows: plain lines, or on a terminal the same lines above a small table that is redrawn.

/** Who a line is about. */
export type Speaker = "demo" | "router A" | "router B" | "client";

/** SGR parameters (ECMA-48). */
export const COLOR = { bold: "1", dim: "2", red: "1;31", green: "32", yellow: "33", cyan: "36" } as const;
export type Color = keyof typeof COLOR;

export interface Display {
  /** Whether `colored` does anything. */
  readonly color: boolean;
  heading(text: string): void;
  /** An event. */
  line(speaker: Speaker, text: string, color?: Color): void;
  /** Text without time and speaker. */
  text(text: string): void;
  /** Redraws the table, if there is one. */
  paint(): void;
  /** Takes the table away: the lines stay. */
  close(): void;
}

const REPAINT_MS = 100;
const SPEAKER_COLUMNS = "router A".length;

/** Plain lines: no control character, no redraw. */
export class PlainDisplay implements Display {
  readonly color: boolean = false;
  readonly #startedMs = performance.now();

  heading(text: string): void {
    this.write(`\n${text}\n`);
  }

  line(speaker: Speaker, text: string, color?: Color): void {
    const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(2).padStart(6);
    const painted = color === undefined ? text : this.colored(color, text);
    this.write(`${this.colored("dim", `${seconds} s`)}  ${speaker.padEnd(SPEAKER_COLUMNS)}  ${painted}\n`);
  }

  text(text: string): void {
    this.write(`${text}\n`);
  }

  paint(): void {}

  close(): void {}

  protected write(text: string): void {
    process.stdout.write(text);
  }

  protected colored(color: Color, text: string): string {
    return this.color ? `\x1b[${COLOR[color]}m${text}\x1b[0m` : text;
  }
}

/** Lines that scroll, and below them a table that is redrawn in place. */
export class LiveDisplay extends PlainDisplay {
  override readonly color: boolean = true;
  #rows: (color: (color: Color, text: string) => string) => string[];
  readonly #timer: ReturnType<typeof setInterval>;
  #drawn = 0;

  /** `rows`: the lines of the table as they are now, with the colours it is given. */
  constructor(rows: (color: (color: Color, text: string) => string) => string[]) {
    super();
    this.#rows = rows;
    process.stdout.write(HIDE_CURSOR);
    this.#timer = setInterval(() => this.paint(), REPAINT_MS);
  }

  override heading(text: string): void {
    this.write(`\n${this.colored("bold", text)}\n`);
  }

  override paint(): void {
    this.write("");
  }

  override close(): void {
    clearInterval(this.#timer);
    this.#rows = () => [];
    this.paint();
    process.stdout.write(SHOW_CURSOR);
  }

  /** Lines of text go where the table was; the table follows them. One write: no flicker. */
  protected override write(text: string): void {
    const columns = Math.max(20, process.stdout.columns ?? 80) - 1;
    const rows = this.#rows((color, part) => this.colored(color, part)).map((row) =>
      Bun.sliceAnsi(row, 0, columns)
    );
    const back = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : "";
    process.stdout.write(`${back}\r\x1b[J${text}${rows.map((row) => `${row}\n`).join("")}`);
    this.#drawn = rows.length;
  }
}

const HIDE_CURSOR = "\x1b[?25l";
/** Also for the end of a process that could not close its display. */
export const SHOW_CURSOR = "\x1b[?25h";
