/**
 * What QuickJS's handles are in JavaScript and back: a VM's `Outside` as functions inside QuickJS, and what has gone wrong in there. Knows
 * no VM and keeps nothing.
 */
import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten-core";
import type { Answers, Stopped } from "./machine.ts";
import { type Outside, outsideNames } from "./outside.ts";

/** An `Outside`. `answers` is asked at each call who answers; undefined: nobody. */
export function exposed(context: QuickJSContext, answers: () => Answers | undefined): QuickJSHandle {
  const outside = context.newObject();
  for (const name of outsideNames) {
    const call = context.newFunction(name, bound(context, name, answers));
    context.setProp(outside, name, call);
    call.dispose();
  }
  return outside;
}

/** The functions of an `Outside` that is there already, in a copy of the memory of the one context that had it: they are known by their order. */
export function exposedAgain(context: QuickJSContext, answers: () => Answers | undefined): void {
  for (const name of outsideNames) context.runtime.hostRefs.put(bound(context, name, answers));
}

const bound =
  (context: QuickJSContext, name: keyof Outside, answers: () => Answers | undefined) =>
  (...handles: readonly QuickJSHandle[]): QuickJSHandle | undefined => {
    const asked = answers();
    return asked === undefined ? undefined : toHandle(context, answer(context, name, asked, handles));
  };

/** Why it stopped, by the error that came out. There must be room to tell what happened. */
export function stoppedBy(context: QuickJSContext, error: QuickJSHandle): Stopped {
  // An error that cannot be caught, or that there was no memory to make, may be none.
  const dumped: unknown = context.dump(error);
  error.dispose();
  if (typeof dumped !== "object" || dumped === null) return "memory";
  const { name, message, stack } = dumped as { name?: unknown; message?: unknown; stack?: unknown };
  if (name === "InternalError" && message === "interrupted") return "interrupted";
  if (name === "InternalError" && (message === "out of memory" || message === "")) return "memory";
  return {
    thrown: JSON.stringify({
      type: "crash",
      name: typeof name === "string" ? name : "Error",
      message: typeof message === "string" ? message : JSON.stringify(dumped),
      ...(typeof stack === "string" ? { stack: `${String(name)}: ${String(message)}\n${stack}` } : {}),
    }),
  };
}

function answer(
  context: QuickJSContext,
  name: keyof Outside,
  answers: Answers,
  handles: readonly QuickJSHandle[],
): unknown {
  const number = (): number => {
    const [first] = handles;
    return first === undefined ? 0 : context.getNumber(first);
  };
  const [, second] = handles;
  switch (name) {
    case "write":
      if (second === undefined) return -1;
      return context.getArrayBuffer(second).consume(({ value }) => answers.write(number(), value));
    case "toText":
      if (handles[0] === undefined) return "";
      return context.getArrayBuffer(handles[0]).consume(({ value }) => answers.toText(value));
    case "toBytes":
    case "tell":
    case "exit":
      return handles[0] === undefined ? undefined : answers[name](context.getString(handles[0]));
    case "setAwake":
      return handles[0] === undefined ? undefined : answers.setAwake(context.getNumber(handles[0]) === 1);
    case "prepareSleep":
      return answers.prepareSleep(number(), second === undefined ? -1 : context.getNumber(second));
    case "now":
    case "timeOfDay":
    case "random":
    case "turned":
    case "arm":
    case "wait":
      return answers[name]();
    default:
      return answers[name](number());
  }
}

function toHandle(context: QuickJSContext, value: unknown): QuickJSHandle | undefined {
  if (typeof value === "number") return context.newNumber(value);
  if (typeof value === "boolean") return value ? context.true : context.false;
  if (typeof value === "string") return context.newString(value);
  // A copy, since the view may be of a part only, and a `Buffer` would slice to a view again.
  if (value instanceof Uint8Array) return context.newArrayBuffer(new Uint8Array(value).buffer);
  return undefined;
}
