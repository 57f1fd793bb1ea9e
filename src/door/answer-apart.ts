import {
  crashOf,
  process,
  type Caller,
  type Later,
  type Ref,
  type Self,
  type ServerSelf,
} from "../../kernel/index.ts";
import type { HttpExchange, HttpHead, HttpRequest, HttpResponse } from "./http-protocol.ts";

/** Parts of a body, in order. What makes them is asked for one when the client has taken the last. */
export type HttpParts = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** An answer as a whole, or one whose body comes in parts. */
export interface HttpAnswer extends HttpHead {
  readonly body?: string | Uint8Array | HttpParts;
}

/**
 * For a handler of `request`: lets an actor of its own answer, so that this one can take its next message. For answers that are
 * streamed, and for what takes long. That actor ends when the client goes away: its `self.signal` tells what it waits for, and a
 * generator of parts is returned from. If it crashes the client gets 503, or half an answer that is cut off, and this actor lives.
 *
 * @example
 * call: {
 *   request(state, request: HttpRequest) {
 *     return answerApart(this, request, async (self) => ({ headers: { "content-type": "text/csv" }, body: rows(state.table) }));
 *   },
 * },
 */
export function answerApart<M>(
  self: ServerSelf<M>,
  request: HttpRequest,
  respond: (self: Self<never>) => HttpAnswer | Promise<HttpAnswer>,
): Later<HttpResponse | "streamed"> {
  const caller = self.caller<HttpResponse | "streamed">();
  self.spawn(respondent, request.exchange, respond, caller);
  return caller.later;
}

const respondent = process(
  async (
    self: Self<never>,
    exchange: Ref<HttpExchange>,
    respond: (self: Self<never>) => HttpAnswer | Promise<HttpAnswer>,
    caller: Caller<HttpResponse | "streamed">,
  ) => {
    self.link(exchange);
    try {
      const { body, ...head } = await respond(self);
      if (body === undefined) caller.reply(head);
      else if (typeof body === "string" || body instanceof Uint8Array) caller.reply({ ...head, body });
      else {
        await self.callWithin(Infinity, exchange, "begin", head);
        await writeAll(self, exchange, body);
        caller.reply("streamed");
      }
    } catch (problem) {
      caller.fail(crashOf(problem));
      throw problem;
    }
  },
  { label: "respondent" },
);

async function writeAll(self: Self<never>, exchange: Ref<HttpExchange>, parts: HttpParts): Promise<void> {
  const iterator = Symbol.asyncIterator in parts ? parts[Symbol.asyncIterator]() : parts[Symbol.iterator]();
  // An actor that is killed goes on nowhere, so the `finally` of a generator would not run.
  const leave = async (): Promise<void> => {
    await iterator.return?.();
  };
  self.signal.addEventListener("abort", () => void leave().catch(() => {}), { once: true });
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) return;
    await self.callWithin(Infinity, exchange, "write", next.value);
  }
}
