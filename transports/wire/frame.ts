import {
  CastMessage,
  control,
  crashOf,
  isReason,
  type CallFailure,
  type ControlKind,
  type ExitReason,
  type Message,
  type SignalSink,
} from "../../kernel/index.ts";
import type { Decoder } from "./decoder.ts";
import type { Encoder } from "./encoder.ts";
import { wireError } from "./errors.ts";
import { classOf, isPlain } from "./refusal.ts";

/** The version of what is said here; both ends must speak the same. */
export const protocolVersion = 1;

/** The first byte of every frame. Numbers are the protocol's: never reuse one. */
export const frame = {
  hello: 1,
  message: 2,
  cast: 3,
  call: 4,
  reply: 5,
  control: 6,
  /** A part of a longer frame; more follow. */
  fragment: 7,
  lastFragment: 8,
} as const;

const controlMax = Math.max(...Object.values(control));

/** A signal to bytes: each function leaves one frame in the encoder, or throws and leaves no trace. */
export function encodeHello(encoder: Encoder): void {
  encoder.start(frame.hello);
  encoder.count(protocolVersion);
}

export function encodeMessage(encoder: Encoder, to: number, message: Message): void {
  if (message instanceof CastMessage) {
    encoder.start(frame.cast);
    encoder.count(to);
    encoder.name(message.op);
    encoder.whole(message.args, `args of cast "${message.op}"`);
    return;
  }
  // What the other side would refuse must not leave: it would cost us the carrier.
  if (!isMessage(message)) throw wireError("MESSAGE_TYPE_INVALID", { got: describe(message) });
  if (!isPlain(message))
    throw wireError("MESSAGE_NOT_COPYABLE", { path: "message", what: `an instance of ${classOf(message)}` });
  encoder.start(frame.message);
  encoder.count(to);
  encoder.whole(message, "message");
}

export function encodeCall(
  encoder: Encoder,
  to: number,
  from: number,
  id: number,
  op: string,
  args: readonly unknown[],
): void {
  encoder.start(frame.call);
  encoder.count(to);
  encoder.count(from);
  encoder.count(id);
  encoder.name(op);
  encoder.whole(args, `args of call "${op}"`);
}

export function encodeReply(encoder: Encoder, id: number, ok: boolean, value: unknown): void {
  encoder.start(frame.reply);
  encoder.count(id);
  encoder.byte(ok ? 1 : 0);
  encoder.whole(ok ? value : asFailure(value), "reply");
}

/** Never refused: a reason that cannot travel is told in words. */
export function encodeControl(
  encoder: Encoder,
  kind: ControlKind,
  to: number,
  from: number,
  id: number,
  reason: ExitReason | undefined,
): void {
  const attempt = (given: ExitReason | undefined): void => {
    encoder.start(frame.control);
    encoder.byte(kind);
    encoder.count(to);
    encoder.count(from);
    encoder.count(id);
    encoder.whole(given, "exit reason");
  };
  try {
    attempt(reason === undefined || isReason(reason) ? reason : crashOf(reason));
  } catch (problem) {
    attempt(inWords(reason, problem));
  }
}

/** One frame's bytes to a signal. Throws `FRAME_CORRUPT`, `PROTOCOL_MISMATCH` before anything has reached the sink. */
export function decodeFrame(decoder: Decoder, sink: SignalSink): void {
  const kind = decoder.byte();
  switch (kind) {
    case frame.message: {
      const to = decoder.count();
      const message = decoder.value();
      decoder.finish();
      if (!isMessage(message)) throw decoder.corrupt("a message without a type of its own");
      return sink.message(to, message);
    }
    case frame.call: {
      const to = decoder.count();
      const from = decoder.count();
      const id = decoder.count();
      const op = decoder.name();
      const args = list(decoder);
      return sink.call(to, from, id, op, args);
    }
    case frame.reply: {
      const id = decoder.count();
      const ok = decoder.byte();
      const value = decoder.value();
      decoder.finish();
      if (ok > 1 || (ok === 0 && !isFailure(value))) throw decoder.corrupt("an answer");
      return sink.reply(id, ok === 1, value);
    }
    case frame.cast: {
      const to = decoder.count();
      const op = decoder.name();
      return sink.message(to, new CastMessage(op, list(decoder)));
    }
    case frame.control:
      return decodeControl(decoder, sink);
    case frame.hello: {
      const got = decoder.count();
      if (got !== protocolVersion) throw wireError("PROTOCOL_MISMATCH", { expected: protocolVersion, got });
      return decoder.finish();
    }
    default:
      throw decoder.corrupt(`a frame of kind ${kind}`);
  }
}

function decodeControl(decoder: Decoder, sink: SignalSink): void {
  const kind = decoder.byte();
  const to = decoder.count();
  const from = decoder.count();
  const id = decoder.count();
  const reason = decoder.value();
  decoder.finish();
  if (kind < 1 || kind > controlMax) throw decoder.corrupt(`a control signal of kind ${kind}`);
  if (reason !== undefined && !isReason(reason)) throw decoder.corrupt("an exit reason");
  // Sound: every number up to the highest is a kind.
  sink.control(kind as ControlKind, to, from, id, reason);
}

function list(decoder: Decoder): readonly unknown[] {
  const args = decoder.value();
  decoder.finish();
  if (!Array.isArray(args)) throw decoder.corrupt("arguments");
  return args;
}

/** `$` types are the kernel's own: no peer can make one, whatever it sends. */
function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null) return false;
  const { type } = value as { readonly type?: unknown };
  return typeof type === "string" && type.charCodeAt(0) !== dollar;
}

const dollar = 36;

function describe(message: unknown): string {
  if (typeof message !== "object" || message === null) return String(message);
  const { type } = message as { readonly type?: unknown };
  return typeof type === "string" ? `the type "${type}"` : `an object whose type is ${typeof type}`;
}

function isFailure(value: unknown): value is CallFailure {
  if (typeof value !== "object" || value === null || !("type" in value) || !("reason" in value)) return false;
  return failures.includes(value.type) && isReason(value.reason);
}

const failures: readonly unknown[] = ["exit", "unknown_op", "refused"];

const asFailure = (value: unknown): CallFailure =>
  isFailure(value) ? value : { type: "exit", reason: crashOf(value) };

/** An orderly end stays one. */
function inWords(reason: unknown, problem: unknown): ExitReason {
  const why = crashOf(problem);
  if (typeof reason === "object" && reason !== null && "type" in reason && reason.type === "shutdown")
    return { type: "shutdown", detail: why.message.slice(0, wordsMax) };
  return { type: "crash", name: why.name.slice(0, wordsMax), message: why.message.slice(0, wordsMax) };
}

const wordsMax = 1000;
