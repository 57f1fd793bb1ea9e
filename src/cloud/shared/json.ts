/** Values of a cloud as texts: JSON, with numbers that have no bound. */

/** What JSON has no number for. */
interface NoNumber {
  readonly $number: string;
}

const mark = '{"$number":';

export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "number" && !Number.isFinite(part)
      ? ({ $number: String(part) } satisfies NoNumber)
      : part,
  );

/** Throws `SyntaxError`. */
export const valueOf = (text: string): unknown => JSON.parse(text, text.includes(mark) ? number : undefined);

const number = (_key: string, part: unknown): unknown =>
  typeof part === "object" && part !== null && "$number" in part ? Number(part.$number) : part;
