/** What JSON has no word for becomes text: it is for the log. */
export function asJson(value: unknown): string {
  const seen: unknown[] = [];
  return JSON.stringify(value, function (this: unknown, key, part: unknown) {
    if (part === undefined && key === "detail") return null;
    if (typeof part === "bigint" || typeof part === "symbol" || typeof part === "function")
      return String(part);
    if (typeof part !== "object" || part === null) return part;
    // Only what is above it: the same thing may be there twice.
    while (seen.length > 0 && seen.at(-1) !== this) seen.pop();
    if (seen.includes(part)) return "[itself]";
    seen.push(part);
    return part;
  });
}
