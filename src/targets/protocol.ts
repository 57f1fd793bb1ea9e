import { type ExitReason, isReason } from "../../kernel/index.ts";
import { recountFlags } from "../image/whole-script.ts";
import type { RingMemory } from "./ring-line.ts";
import type { PeerVm } from "./peer-vm.ts";
import type { LogLine, VmEvents } from "./target.ts";

/** What host and guest tell each other beside the rings. Seldom, and never on a hot path. */
export type ToHost =
  | { readonly type: "connect"; readonly peer: PeerVm }
  | { readonly type: "log"; readonly line: LogLine }
  /** V8 has not taken the image's compiled form. */
  | { readonly type: "uncompiled" }
  | { readonly type: "halted"; readonly reason: ExitReason };

export type ToGuest =
  | {
      readonly type: "ring";
      readonly peer: PeerVm;
      readonly memory: RingMemory;
      readonly end: "a" | "b";
      readonly place: number;
    }
  | { readonly type: "ended"; readonly peer: PeerVm; readonly reason: ExitReason };

/** Undefined: it is none of ours. Whatever runs in a worker may post to its parent, and does not know that this is not for it. */
function asToHost(value: unknown): ToHost | undefined {
  if (!isObject(value)) return undefined;
  const ours =
    (value["type"] === "connect" && isPeer(value["peer"])) ||
    (value["type"] === "log" && isLine(value["line"])) ||
    value["type"] === "uncompiled" ||
    (value["type"] === "halted" && isReason(value["reason"]));
  // Sound: each kind's fields were looked at above.
  return ours ? (value as unknown as ToHost) : undefined;
}

const uncompiled =
  "V8 did not take the program's compiled form, so this boot was slower: were other flags of V8's set in the host's process?";

/**
 * What a guest's machinery told its host, passed on. `halted`: it has ended by itself. Whatever is none of ours is dropped, and
 * said in the log: a program that posts to its parent learns there why nothing happens.
 */
export function hear(
  told: unknown,
  events: Pick<VmEvents, "connect" | "log">,
  halted: (reason: ExitReason) => void,
): void {
  const message = asToHost(told);
  switch (message?.type) {
    case "connect":
      return events.connect(message.peer);
    case "log":
      return events.log(message.line);
    case "uncompiled":
      // Whatever it was that V8 had remembered, the next one need not suffer from it.
      recountFlags();
      return events.log({ level: "info", text: uncompiled });
    case "halted":
      return halted(message.reason);
    case undefined:
      return events.log({ level: "debug", text: "told something that is not for its host: dropped" });
  }
}

const isPeer = (value: unknown): boolean =>
  isObject(value) && typeof value["host"] === "string" && typeof value["vm"] === "number";

const levels: readonly unknown[] = ["debug", "info", "warn", "error"] satisfies LogLine["level"][];

function isLine(line: unknown): boolean {
  if (!isObject(line) || !levels.includes(line["level"]) || typeof line["text"] !== "string") return false;
  const { actor, label, details } = line;
  if (!isText(actor) || !isText(label)) return false;
  if (details === undefined) return true;
  return isObject(details) && (details["crash"] === undefined || isReason(details["crash"]));
}

const isText = (value: unknown): boolean => value === undefined || typeof value === "string";

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
