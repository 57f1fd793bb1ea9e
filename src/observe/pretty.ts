import type { DestinationStream } from "pino";

const levelNames: Readonly<Record<number, string>> = {
  20: "debug",
  30: "",
  40: "warn",
  50: "error",
  60: "fatal",
};
const colours: Readonly<Record<number, number>> = { 20: 2, 40: 33, 50: 31, 60: 31 };

/**
 * pino's lines for people: `vm actor | text`, and below a crash its stack and what else its report says, four columns in.
 * Coloured where `colour` is set, plain where it is not.
 */
export function prettyLines(out: { write(text: string): unknown }, colour: boolean): DestinationStream {
  const paint = (code: number | undefined, text: string): string =>
    colour && code !== undefined && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
  return {
    write(json: string): void {
      const fields = read(json);
      const { level = 30, vm = "", actor = "", label = "", msg = "", crash } = fields;
      const from = [vm, label === "" ? actor : `${label}${actor}`].filter((part) => part !== "").join(" ");
      const word = levelNames[level] ?? "";
      const prefix = word === "" ? "" : `${paint(colours[level], word)} `;
      out.write(`${paint(36, from)} ${paint(2, "|")} ${prefix}${msg}\n`);
      // Once, where it happened; whoever tells of the same crash afterwards has its first line.
      const { stack } = crash ?? {};
      if (stack !== undefined) for (const line of frames(stack)) out.write(`${paint(2, line)}\n`);
      if (crash !== undefined) for (const fact of factsOf(fields)) out.write(`${paint(2, `    ${fact}`)}\n`);
    },
  };
}

/** What a crash report says beside the crash, as far as it says it. A VM may have written anything there. */
function factsOf({
  registeredName,
  lastMessage,
  state,
  ancestors,
  links,
  unread,
}: Fields): readonly string[] {
  const facts = { registeredName, lastMessage, state, ancestors, links, unread };
  return Object.entries(facts).flatMap(([key, value]) => {
    const text = wordsOf(value);
    return text === "" ? [] : [`${titles[key] ?? key}: ${text}`];
  });
}

function wordsOf(value: unknown): string {
  if (typeof value === "number") return value === 0 ? "" : String(value);
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((word) => typeof word === "string").join(", ");
}

const titles: Readonly<Record<string, string>> = { registeredName: "name", lastMessage: "last message" };

interface Fields {
  readonly level?: number;
  readonly vm?: string;
  readonly actor?: string;
  readonly label?: string;
  readonly msg?: string;
  readonly crash?: { readonly stack?: string };
  readonly registeredName?: unknown;
  readonly lastMessage?: unknown;
  readonly state?: unknown;
  readonly ancestors?: unknown;
  readonly links?: unknown;
  readonly unread?: unknown;
}

// Sound: pino wrote this line from the fields that `pinoLog` gave it.
const read = (json: string): Fields => JSON.parse(json) as Fields;

/** Without the first line where that is the message, which has been said; QuickJS's stacks begin with a frame. */
const frames = (stack: string): readonly string[] =>
  stack.split("\n").filter((line, index) => line !== "" && (index > 0 || /^\s+at /.test(line)));
