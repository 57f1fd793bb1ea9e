import { expectTypeOf, test } from "vitest";
import {
  actor,
  noreply,
  type Caller,
  type Ref,
  type ProtocolOf,
  type Self,
  type Wait,
} from "../../kernel/index.ts";

declare const self: Self<never>;

test("server: what a kept caller is promised is what the call gives", () => {
  const queue = actor({
    init: () => ({ waiting: [] as Caller<number>[] }),
    call: {
      take(state) {
        const caller = this.caller<number>();
        state.waiting.push(caller);
        return caller.later;
      },
      maybe(_state, now: boolean) {
        return now ? "now" : this.caller<number>().later;
      },
      async soon() {
        await Promise.resolve();
        return this.caller<boolean>().later;
      },
      never: () => noreply,
    },
  });
  const ref = null as unknown as Ref<ProtocolOf<typeof queue>>;
  expectTypeOf(self.call(ref, "take")).resolves.toEqualTypeOf<number>();
  expectTypeOf(self.call(ref, "maybe", true)).resolves.toEqualTypeOf<"now" | number>();
  expectTypeOf(self.call(ref, "soon")).resolves.toEqualTypeOf<boolean>();
  expectTypeOf(self.call(ref, "never")).toEqualTypeOf<Wait<never>>();
});

test("server: a caller takes only what it was promised", () => {
  const caller = null as unknown as Caller<number>;
  // @ts-expect-error a string is no number
  caller.reply("1");
  // @ts-expect-error a caller of strings is another one
  const strings: Caller<string> = caller;
  expectTypeOf(strings).not.toBeAny();
});

test("server: init and handlers have the server's self, and init may narrow it", () => {
  actor({
    init(self, ms: number) {
      self.timeoutAfter(ms);
      self.continueWith(() => {});
      return { ms };
    },
    timeout(state) {
      expectTypeOf(state).toEqualTypeOf<{ ms: number }>();
      this.timeoutAfter(state.ms);
    },
    format: (state) => state.ms,
  });
  actor({
    init: (self: Self<{ type: "pong" }>) => ({ own: self.ref }),
    info: { pong() {} },
  });
  // @ts-expect-error a time-out is a number of ms
  actor({ init: (self) => self.timeoutAfter("100") });
});
