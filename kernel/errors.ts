/**
 * Errors as values: one class, told apart by a stable `code`.
 *
 * Each layer keeps one table, code -> text, and makes its constructor with `defineErrors`. Errors cross VMs by copy,
 * so identity is the code and never `instanceof`: use `isMotesError`.
 */
export class MotesError<Code extends string = string, Details = unknown> extends Error {
  readonly code: Code;
  /** What the text was made from: plain data, safe to log and to send. */
  readonly details: Details;

  constructor(code: Code, message: string, details: Details, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "MotesError";
    this.code = code;
    this.details = details;
  }
}

/** True for an error of ours (of this code, if one is given), also when it was made in another VM. */
export function isMotesError(value: unknown): value is MotesError;
export function isMotesError<Code extends string>(value: unknown, code: Code): value is MotesError<Code>;
export function isMotesError(value: unknown, code?: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, code: got } = value as { readonly name?: unknown; readonly code?: unknown };
  return name === "MotesError" && typeof got === "string" && (code === undefined || got === code);
}

/** A table from code to the text of an error: what was expected, what was got, what to do. */
export type ErrorTable = Readonly<Record<string, (details: never) => string>>;

type DetailsOf<Table extends ErrorTable, Code extends keyof Table> = Parameters<Table[Code]>[0];

export type MakeError<Table extends ErrorTable> = <Code extends keyof Table & string>(
  code: Code,
  details: DetailsOf<Table, Code>,
  cause?: unknown,
) => MotesError<Code, DetailsOf<Table, Code>>;

/** Makes the constructor of one layer's errors from its table. */
export function defineErrors<const Table extends ErrorTable>(table: Table): MakeError<Table> {
  return (code, details, cause) => {
    // Sound: `details` is what this very entry asks for; TypeScript cannot follow an index by a type parameter.
    const text = table[code] as (given: typeof details) => string;
    return new MotesError(code, text(details), details, cause);
  };
}
