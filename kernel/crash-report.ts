import type { Cell } from "./cell.ts";
import { describe } from "./dead-letters.ts";
import type { CrashReport } from "./event.ts";
import type { ExitReason } from "./exit.ts";
import type { Message } from "./message.ts";
import { Address } from "./ref.ts";

const textMax = 2000;
const ancestorsMax = 32;

/**
 * What is said of an actor that crashes. It shows no contents, which may be secret, unless the kernel runs in development or
 * the actor's own `format` says what may be shown.
 *
 * Semantics: OTP `proc_lib`, crash report; `gen_server`, `format_status`.
 */
export function crashReport(cell: Cell, reason: ExitReason, message: Message | null): CrashReport {
  const { kernel, ref, behavior, parent, bonds } = cell;
  return {
    type: "crash",
    actor: ref.toString(),
    label: behavior.label,
    name: cell.name ?? "",
    reason,
    parent: parent?.toString() ?? "",
    ancestors: ancestorsOf(cell),
    lastMessage: message === null ? "" : messageText(message, kernel.development),
    state: stateText(cell),
    links: bonds === null ? [] : Array.from(bonds.links.values(), String),
    unread: cell.mailbox.count,
  };
}

/** Nearest first. */
export function ancestorsOf(cell: Cell): readonly string[] {
  const ancestors: string[] = [];
  let { parent } = cell;
  while (parent !== null && ancestors.length < ancestorsMax) {
    const above: Cell | null = parent.cell;
    ancestors.push(above === null ? parent.toString() : `${above.behavior.label} ${parent.toString()}`);
    parent = above?.parent ?? null;
  }
  return ancestors;
}

export function messageText(message: Message, withContents: boolean): string {
  return withContents ? `${describe(message)} ${textOf(contents(message))}` : describe(message);
}

/** A value as text of a bounded length, whatever it is. Never throws. */
export function textOf(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, readable);
  } catch (error) {
    return `[cannot be shown: ${error instanceof Error ? error.message : "it has no text"}]`;
  }
  text ??= typeof value;
  return text.length > textMax ? `${text.slice(0, textMax - 1)}…` : text;
}

function stateText(cell: Cell): string {
  const { behavior, kernel } = cell;
  try {
    const shown = behavior.shown(cell);
    if (shown !== undefined) return textOf(shown);
    const state = kernel.development ? behavior.stateOf(cell) : undefined;
    return state === undefined ? "" : textOf(state);
  } catch (error) {
    // A formatter that fails must not hide the crash it was to tell of.
    return `[its format failed: ${error instanceof Error ? error.message : String(error)}]`;
  }
}

/** Of calls and casts the arguments: the rest is the kernel's. */
const contents = (message: Message): unknown => ("args" in message ? message.args : message);

function readable(this: unknown, _key: string, value: unknown): unknown {
  if (value instanceof Address) return value.toString();
  if (value instanceof Map) return { map: [...value] };
  if (value instanceof Set) return { set: [...value] };
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[function ${value.name}]`;
  return typeof value === "symbol" ? value.toString() : value;
}
