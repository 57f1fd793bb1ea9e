import type { DestinationStream } from "pino";

const levelNames: Readonly<Record<number, string>> = {
  20: "debug",
  30: "",
  40: "warn",
  50: "error",
  60: "fatal",
};
const colours: Readonly<Record<number, number>> = { 20: 2, 40: 33, 50: 31, 60: 31 };

/** pino's lines for people: `vm actor | text`, with stacks below. Coloured where `colour` is set, plain where it is not. */
export function prettyLines(out: { write(text: string): unknown }, colour: boolean): DestinationStream {
  const paint = (code: number | undefined, text: string): string =>
    colour && code !== undefined && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
  return {
    write(json: string): void {
      const { level = 30, vm = "", actor = "", label = "", msg = "", crash } = read(json);
      const from = [vm, label === "" ? actor : `${label}${actor}`].filter((part) => part !== "").join(" ");
      const word = levelNames[level] ?? "";
      const prefix = word === "" ? "" : `${paint(colours[level], word)} `;
      out.write(`${paint(36, from)} ${paint(2, "|")} ${prefix}${msg}\n`);
      // Once, where it happened; whoever tells of the same crash afterwards has its first line.
      const { stack } = crash ?? {};
      if (stack !== undefined)
        for (const line of stack.split("\n").slice(1)) out.write(`${paint(2, line)}\n`);
    },
  };
}

interface Fields {
  readonly level?: number;
  readonly vm?: string;
  readonly actor?: string;
  readonly label?: string;
  readonly msg?: string;
  readonly crash?: { readonly stack?: string };
}

// Sound: pino wrote this line from the fields that `pinoLog` gave it.
const read = (json: string): Fields => JSON.parse(json) as Fields;
