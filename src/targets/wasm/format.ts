/** Text for what a program prints, where there is no `node:util`: in its manner, and much smaller. */
export function format(...parts: readonly unknown[]): string {
  const [first, ...rest] = parts;
  if (typeof first !== "string") return parts.map(shown).join(" ");
  let next = 0;
  const text = first.replace(/%[sdifjoOc%]/g, (directive) => {
    if (directive === "%%") return "%";
    if (next >= rest.length) return directive;
    const value = rest[next++];
    if (directive === "%s") return shown(value);
    if (directive === "%d" || directive === "%f") return String(Number(value));
    if (directive === "%i") return String(Math.trunc(Number(value)));
    return directive === "%c" ? "" : inspected(value);
  });
  return [text, ...rest.slice(next).map(shown)].join(" ");
}

const shown = (value: unknown): string => (typeof value === "string" ? value : inspected(value));

function inspected(value: unknown): string {
  if (value instanceof Error) return `${String(value)}\n${value.stack ?? ""}`.trimEnd();
  if (typeof value === "function") return `[Function: ${value.name}]`;
  if (typeof value !== "object" || value === null)
    return typeof value === "bigint" ? `${value}n` : String(value);
  try {
    return JSON.stringify(value, plain) ?? String(value);
  } catch {
    return "[an object that refers to itself]";
  }
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { map: [...value] };
  if (value instanceof Set) return { set: [...value] };
  return typeof value === "bigint" ? `${value}n` : value;
}
