import { defineErrors, type MakeError } from "./errors.ts";
import { reasonText, type ExitReason } from "./exit.ts";
import type { Message } from "./message.ts";

/** What the kernel refuses, and what it answers a caller with: code to text. Each code has a line in `docs/errors.md`. */
const table = {
  CALL_TIMEOUT: (d: { callee: string; op: string; timeoutMs: number }) =>
    `no answer to call "${d.op}" of ${d.callee} within ${d.timeoutMs} ms. The callee is alive or its host has not noticed its death: it may still do the work. Give the call more time with callWithin, or ask why it is busy.`,
  CALL_EXIT: (d: { callee: string; op: string; reason: ExitReason }) =>
    `call "${d.op}" of ${d.callee} has no answer: the callee ended or gave up on it (${reasonText(d.reason)}).`,
  CALL_UNKNOWN_OP: (d: { callee: string; op: string }) =>
    `${d.callee} has no call named "${d.op}". Is an older version of the program running there?`,
  CALL_REFUSED: (d: { callee: string; op: string; reason: ExitReason }) =>
    d.reason === "mailbox_full"
      ? `call "${d.op}" was refused: the mailbox of ${d.callee} is full. Try later, or give it a larger capacity.`
      : `call "${d.op}" was refused by ${d.callee}: ${reasonText(d.reason)}`,
  CALL_SELF: (d: { callee: string; op: string }) =>
    `${d.callee} called itself ("${d.op}") and would wait for ever. Call the function directly, or use cast.`,
  MAILBOX_FULL: (d: { actor: string; capacity: number; refused: Message }) =>
    `the mailbox of ${d.actor} is full (${d.capacity} messages) and refuses "${d.refused.type}". The message is in details.refused.`,
  NAME_TAKEN: (d: { name: string; holder: string }) =>
    `the name "${d.name}" belongs to ${d.holder}. A name has one owner; choose another or wait for its end.`,
  START_FAILED: (d: { what: string; reason: ExitReason }) =>
    `${d.what} did not start: ${reasonText(d.reason)}`,
  START_IGNORED: (d: { what: string }) => `${d.what} chose not to start (its init returned ignore).`,
  TOO_MANY_ACTORS: (d: { actorsMax: number }) =>
    `this VM holds ${d.actorsMax} actors and can hold no more. Boot another VM for the rest.`,
  NOT_A_WAIT: (d: { actor: string; yielded: string }) =>
    `${d.actor} yielded ${d.yielded}. In an actor, write yield* in front of self.receive, self.call, self.sleep or self.until, and yield nothing else.`,
  RECEIVE_TWICE: (d: { actor: string }) =>
    `${d.actor} started a second receive while one is open. An actor receives one message at a time: await the first.`,
  ACTOR_DEAD: (d: { actor: string }) =>
    `${d.actor} has ended, and what it left behind (a late promise, a callback) wanted to act in its name. Stop such work at self.signal.`,
  NOT_HERE: (d: { what: string; actor: string }) =>
    `${d.what}: ${d.actor} has ended or lives in another VM. Only live actors of the own VM can be in it.`,
  TASK_FAILED: (d: { task: string; reason: ExitReason }) =>
    `task ${d.task} has no result: ${reasonText(d.reason)}`,
  TASK_TIMEOUT: (d: { task: string; timeoutMs: number }) =>
    `task ${d.task} was killed: it had no result within ${d.timeoutMs} ms. Give it more with timeoutMs.`,
  UNKNOWN_STATE: (d: { actor: string; state: string; states: readonly string[] }) =>
    `${d.actor} was to go to state "${d.state}", and knows ${d.states.join(", ")}. Add it to states, or mend the name.`,
  BAD_TRANSITION: (d: { actor: string; what: string; where: string }) =>
    `${d.actor} asked for ${d.what} ${d.where}. A transition belongs to the handler of an event; enter may only set time-outs.`,
  NO_CALLER: (d: { actor: string }) =>
    `${d.actor} asked for its caller, and is handling no call. Use this.caller() in a call handler, before or after what it waits for.`,
  BAD_OPTION: (d: { what: string; expected: string; got: string }) =>
    `${d.what}: expected ${d.expected}, got ${d.got}.`,
};

export const kernelError: MakeError<typeof table> = defineErrors(table);
