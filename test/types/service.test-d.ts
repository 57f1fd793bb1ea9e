import { expectTypeOf, test } from "vitest";
import { actor, unikernel, type ProtocolOf, type Ref, type Self } from "../../kernel/index.ts";
import {
  child,
  replace,
  service,
  supervisor,
  type ReplaceResult,
  type ServiceProtocol,
} from "../../supervisors/index.ts";

interface Tick {
  readonly type: "tick";
}
const shop = actor({
  init: (_self, name: string) => ({ name, sold: 0 }),
  call: { sell: (state, count: number) => (state.sold += count) },
  cast: { close(_state) {} },
  info: { tick(_state, _message: Tick) {} },
  version: 2,
  health: ({ sold }) => sold >= 0,
  handoff: ({ name, sold }) => ({ name, sold }),
  adopt(state, data: { readonly name: string; readonly sold: number } | string, fromVersion) {
    expectTypeOf(fromVersion).toEqualTypeOf<number>();
    return typeof data === "string" ? { ...state, name: data } : data;
  },
});
const entry = unikernel({ name: "shop", root: shop });
declare const self: Self<never>;

test("service: its address takes what the roots behind it take, and what is for itself", () => {
  const definition = service({ entry });
  expectTypeOf<ProtocolOf<typeof definition>>().toEqualTypeOf<ProtocolOf<typeof shop> | ServiceProtocol>();
  const ref = self.spawn(definition, "corner");
  expectTypeOf(self.call(ref, "sell", 1)).resolves.toEqualTypeOf<number>();
  expectTypeOf(replace(self, ref)).resolves.toEqualTypeOf<ReplaceResult>();
  // @ts-expect-error -- its roots want a name
  self.spawn(definition);
  // @ts-expect-error -- a narrowed address cannot replace it
  replace(self, ref as Ref<ProtocolOf<typeof shop>>);
  supervisor({ children: { shop: child(definition, ["corner"]) } });
});

test("service: a key is made from what the protocol holds", () => {
  service({
    entry,
    balance: {
      key(message) {
        if (message.type === "tick") return "tick";
        if (message.op === "close") return "close";
        expectTypeOf(message.args).toEqualTypeOf<[count: number]>();
        return String(message.args[0]);
      },
    },
  });
});

test("service: a generator hands over chunks; adopt must take what handoff gives", () => {
  actor({
    init: () => [0],
    *handoff(state) {
      for (const n of state) yield { n };
    },
    adopt(state, chunk) {
      expectTypeOf(chunk).toEqualTypeOf<{ n: number }>();
      state.push(chunk.n);
    },
  });
  actor({
    init: () => ({ n: 0 }),
    handoff: ({ n }) => ({ n }),
    // @ts-expect-error -- it is given an object
    adopt: (state, text: string) => ({ n: state.n + text.length }),
  });
});
