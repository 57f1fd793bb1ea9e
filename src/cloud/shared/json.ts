/** Values of a cloud as texts: JSON, with numbers that have no bound. */

/** What JSON has no number for. */
interface NoNumber {
  readonly $number: string;
}

const mark = '{"$number":';

export function textOf(value: unknown): string {
  const text = JSON.stringify(value);
  // As which JSON writes them. To look at each part costs ten times as much, and most values are long lists of numbers.
  return text.includes("null") ? JSON.stringify(value, marked) : text;
}

/** Throws `SyntaxError`. */
export const valueOf = (text: string): unknown => JSON.parse(text, text.includes(mark) ? number : undefined);

const marked = (_key: string, part: unknown): unknown =>
  typeof part === "number" && !Number.isFinite(part) ? ({ $number: String(part) } satisfies NoNumber) : part;

const number = (_key: string, part: unknown): unknown =>
  typeof part === "object" && part !== null && "$number" in part ? Number(part.$number) : part;
