import {
  behaviorOf,
  CallMessage,
  process,
  reasonText,
  selfOf,
  type Down,
  type Exit,
  type Kernel,
  type Self,
  type Wait,
} from "../../kernel/index.ts";

export interface Note {
  readonly type: "note";
  readonly text: string;
}

export const note = (text: string): Note => ({ type: "note", text });

/** An actor in the hand of a test: what it is told is written down, and it acts when the test does. */
export interface Probe {
  readonly self: Self<Note>;
  /** `note text`, `exit <1.2> reason`, `down <1.2> reason`, `call op`, in the order they came. */
  readonly heard: string[];
  readonly downs: Down[];
}

const listener = process(function* (
  self: Self<Note>,
  hear: (message: Note | Exit | Down | CallMessage) => void,
  trapping: boolean,
): Generator<Wait<unknown>, void, unknown> {
  self.trapExits(trapping);
  for (;;) hear(yield* self.receive());
});

export function probe(kernel: Kernel, trapping = true): Probe {
  const heard: string[] = [];
  const downs: Down[] = [];
  const hear = (message: Note | Exit | Down | CallMessage): void => {
    // Calls, which a test may send it without being typed to: they stay unanswered.
    if (message instanceof CallMessage) return void heard.push(`call ${message.op}`);
    if (message.type === "down") downs.push(message);
    heard.push(
      message.type === "note"
        ? `note ${message.text}`
        : `${message.type} ${message.from.toString()} ${reasonText(message.reason)}`,
    );
  };
  const cell = kernel.spawn(behaviorOf(listener), [hear, trapping], null);
  kernel.turn();
  return { self: selfOf<Note>(cell), heard, downs };
}

/** Turns until nothing is ready at this moment of virtual time. For what needs no promise. */
export function run(kernel: Kernel): void {
  while (kernel.turn() === 0);
}

/** What a wait has come to: its value, the code or reason it failed with, or `"open"`. */
export function outcome(wait: Wait<unknown>): unknown {
  try {
    const step = wait.next();
    return step.done === true ? step.value : "open";
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}

/** Whether an actor lives: asked of the kernel, and not of a message that may be on its way. */
export const isAlive = (kernel: Kernel, actor: { readonly serial: number }): boolean =>
  kernel.entry(actor.serial) !== undefined;
