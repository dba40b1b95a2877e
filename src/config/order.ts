// Which of two places of a configuration is read first: keepalived knows only what stands above.
import type { SourceLine, Span } from "./text.ts";
import type { Block, Statement } from "./tree.ts";

/** The order in which the lines of a configuration and its included files are read. */
export class ReadingOrder {
  readonly #lines: readonly SourceLine[];
  #numbers: ReadonlyMap<SourceLine, number> | null = null;
  /** Columns of the names that were found to stand above their definition. */
  readonly #early = new Map<SourceLine, Set<number>>();

  /** `lines`: of all files, in the order of reading. Without any, as for YAML, nothing stands too late. */
  constructor(lines: readonly SourceLine[]) {
    this.#lines = lines;
  }

  /** Whether `place` is read after `other`. */
  isAfter(place: Span, other: Span): boolean {
    if (this.#lines.length === 0) return false;
    if (place.source === other.source) return place.column > other.column;
    if (place.source.file === other.source.file) return place.source.number > other.source.number;
    this.#numbers ??= new Map(this.#lines.map((line, number) => [line, number]));
    const number = this.#numbers.get(place.source), otherNumber = this.#numbers.get(other.source);
    return number !== undefined && otherNumber !== undefined && number > otherNumber;
  }

  /** Takes note of a name that stands above its definition and does nothing therefore. */
  noteEarly({ source, column }: Span): void {
    const columns = this.#early.get(source);
    if (columns === undefined) this.#early.set(source, new Set([column]));
    else columns.add(column);
  }

  /** The statements with such a name. */
  ineffective({ statements }: Block): Statement[] {
    if (this.#early.size === 0) return [];
    return statements.flatMap((statement) => [
      ...(statement.words.some(({ span }) => this.#early.get(span.source)?.has(span.column))
        ? [statement]
        : []),
      ...(statement.block === null ? [] : this.ineffective(statement.block)),
    ]);
  }
}

/** What other blocks name. */
const DEFINITIONS: ReadonlySet<string> = new Set([
  "vrrp_script",
  "track_file",
  "vrrp_track_process",
  "bfd_instance",
  "track_group",
]);

/** The blocks that name it. */
const USERS: ReadonlySet<string> = new Set([
  "vrrp_instance",
  "vrrp_sync_group",
  "static_ipaddress",
  "static_routes",
  "static_rules",
]);

/** The statements of a file in an order in which every definition stands above those that name it. */
export function definitionsFirst(statements: readonly Statement[]): readonly Statement[] {
  const is = (names: ReadonlySet<string>) => ({ words: [{ value }] }: Statement) => names.has(value);
  const first = statements.findIndex(is(USERS));
  if (first < 0) return statements;
  const rest = statements.slice(first);
  const isDefinition = is(DEFINITIONS);
  return [
    ...statements.slice(0, first),
    ...rest.filter(isDefinition),
    ...rest.filter((each) => !isDefinition(each)),
  ];
}
