import type { Self } from "../../kernel/index.ts";
import type { HttpRequest } from "./http-protocol.ts";

/**
 * A request's body at the actor's side, whether it came along with the request or waits at the door. An actor that reads a long one
 * takes no other message meanwhile: read it in `answerApart`.
 */
export async function* bodyParts<M>(
  self: Self<M>,
  { body, exchange }: HttpRequest,
): AsyncGenerator<Uint8Array, void, void> {
  if (body !== undefined) {
    if (body.length > 0) yield body;
    return;
  }
  for (;;) {
    // As long as the client takes: the door has a limit for that.
    const part = await self.callWithin(Infinity, exchange, "read");
    if (part === null) return;
    yield part;
  }
}

/** All of it. Undefined: it has more than `bytesMax`; then answer 413. */
export async function wholeBody<M>(
  self: Self<M>,
  request: HttpRequest,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of bodyParts(self, request)) {
    bytes += part.length;
    if (bytes > bytesMax) return undefined;
    parts.push(part);
  }
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
