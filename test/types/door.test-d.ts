import { expectTypeOf, test } from "vitest";
import { actor, type ProtocolOf, type Ref } from "../../kernel/index.ts";
import {
  answerApart,
  talkApart,
  type HttpRequest,
  type HttpResponse,
  type HttpService,
  type TcpConnection,
  type TcpService,
} from "../../src/door/index.ts";

test("door: an actor with a call request is an HTTP service, whatever else it takes", () => {
  const page = actor({
    init: () => ({ visits: 0 }),
    call: {
      request: (state, { url }: HttpRequest) => ({ status: 200, body: `${url} ${state.visits}` }),
      visits: (state) => state.visits,
    },
  });
  const apart = actor({
    init: () => ({}),
    call: {
      request(_state, request: HttpRequest) {
        if (request.method === "HEAD") return { status: 204 };
        return answerApart(this, request, () => ({ body: ["a", new Uint8Array(1)] }));
      },
    },
  });
  expectTypeOf<Ref<ProtocolOf<typeof page>>>().toExtend<Ref<HttpService>>();
  expectTypeOf<Ref<ProtocolOf<typeof apart>>>().toExtend<Ref<HttpService>>();
});

test("door: one that answers something else, or takes something else, is none", () => {
  const number = actor({ init: () => ({}), call: { request: (_state, _request: HttpRequest) => 7 } });
  const text = actor({ init: () => ({}), call: { request: (_state, _text: string): HttpResponse => ({}) } });
  const other = actor({ init: () => ({}), call: { get: (): HttpResponse => ({}) } });
  expectTypeOf<Ref<ProtocolOf<typeof number>>>().not.toExtend<Ref<HttpService>>();
  expectTypeOf<Ref<ProtocolOf<typeof text>>>().not.toExtend<Ref<HttpService>>();
  expectTypeOf<Ref<ProtocolOf<typeof other>>>().not.toExtend<Ref<HttpService>>();
});

test("door: an actor with a call connection is a TCP service", () => {
  const echo = actor({
    init: () => ({}),
    call: {
      connection(_state, connection: TcpConnection) {
        return talkApart(this, connection, async (_self, talk) => {
          expectTypeOf(await talk.read()).toEqualTypeOf<Uint8Array | null>();
        });
      },
    },
  });
  expectTypeOf<Ref<ProtocolOf<typeof echo>>>().toExtend<Ref<TcpService>>();
  expectTypeOf<Ref<ProtocolOf<typeof echo>>>().not.toExtend<Ref<HttpService>>();
});
