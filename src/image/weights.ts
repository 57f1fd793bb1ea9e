/** How many characters of a bundle came from which of its sources: read from the bundle's source map, version 3. */
const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Heaviest first. What no source answers for (the glue between them) is left out. */
export function weights(code: string, sourceMap: string): Readonly<Record<string, number>> {
  // Sound: esbuild wrote this text as a source map.
  const { sources, mappings } = JSON.parse(sourceMap) as {
    readonly sources: readonly string[];
    readonly mappings: string;
  };
  const totals = new Map<string, number>();
  const lines = code.split("\n");
  let source = 0;
  mappings.split(";").forEach((line, row) => {
    let column = 0;
    let from: { readonly source: string; readonly column: number } | undefined;
    const upTo = (end: number): void => {
      if (from !== undefined) totals.set(from.source, (totals.get(from.source) ?? 0) + end - from.column);
    };
    for (const segment of line === "" ? [] : line.split(",")) {
      const [columns = 0, sourceStep] = numbersIn(segment);
      column += columns;
      upTo(column);
      source += sourceStep ?? 0;
      from = sourceStep === undefined ? undefined : { source: sources[source] ?? "", column };
    }
    upTo((lines[row] ?? "").length);
  });
  return Object.fromEntries([...totals].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}

/** Base 64 digits of five bits with a bit that says "more follows"; the lowest bit of a number is its sign. */
function numbersIn(segment: string): readonly number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = digits.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits >= 32) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}
