/** What the tour says: coloured in a terminal, plain when piped. */
const colour = process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "";

const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = (text: string): string => paint(1, text);
export const dim = (text: string): string => paint(2, text);
export const green = (text: string): string => paint(32, text);
export const red = (text: string): string => paint(31, text);

export function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

export function heading(text: string): void {
  say();
  say(bold(text));
}

const labelWidth = 14;

/** A fact, under the heading it belongs to. */
export const fact = (label: string, text: string): void => say(`  ${label.padEnd(labelWidth)}${text}`);

export const ms = (value: number): string =>
  value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value).toLocaleString("en")} ms`;

export const many = (value: number): string => Math.round(value).toLocaleString("en");

/** `1 key`, `2 keys`. */
export const counted = (count: number, noun: string): string =>
  `${many(count)} ${noun}${count === 1 ? "" : "s"}`;

/** Rows in columns: the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const [index, row] of rows.entries()) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    const text = `  ${cells.join("   ")}`;
    say(index === 0 ? dim(text) : text);
  }
}
