/** What goes over a host's control socket: one line of JSON each. It is the host's own user who asks, and he may all. */
export interface Request {
  /** The asker's, for the answers to it. */
  readonly id: number;
  readonly op: string;
  readonly args: readonly unknown[];
}

export type Answer =
  /** One of a stream; more come. */
  | { readonly id: number; readonly type: "next"; readonly value: unknown }
  /** The last one. */
  | { readonly id: number; readonly type: "done"; readonly value: unknown }
  | { readonly id: number; readonly type: "failed"; readonly code: string; readonly message: string };

/** Undefined: it is none. */
export function asRequest(value: unknown): Request | undefined {
  if (!isObject(value)) return undefined;
  const { id, op, args } = value;
  if (typeof id !== "number" || typeof op !== "string" || !Array.isArray(args)) return undefined;
  return { id, op, args };
}

/** Undefined: it is none. */
export function asAnswer(value: unknown): Answer | undefined {
  if (!isObject(value) || typeof value["id"] !== "number") return undefined;
  const { id, type, code, message } = value;
  if (type === "next" || type === "done") return { id, type, value: value["value"] };
  if (type !== "failed" || typeof code !== "string" || typeof message !== "string") return undefined;
  return { id, type, code, message };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
