import { expectTypeOf, test } from "vitest";
import {
  machine,
  type ArgsOf,
  type Caller,
  type Definition,
  type ProtocolOf,
  type Ref,
  type Self,
  type Wait,
} from "../../kernel/index.ts";

interface Locked {
  readonly state: "locked";
  readonly code: string;
}
interface Open {
  readonly state: "open";
  readonly code: string;
  guests: number;
}
type Door = Locked | Open;

declare const self: Self<never>;

const door = machine({
  timeouts: ["alarm"],
  internal: ["check"],
  init: (_self, code: string): Door => ({ state: "locked", code }),
  states: {
    locked: {
      enter(data, from) {
        expectTypeOf(data).toEqualTypeOf<Locked>();
        expectTypeOf(from).toEqualTypeOf<"locked" | "open">();
      },
      call: {
        unlock(data, code: string) {
          expectTypeOf(data).toEqualTypeOf<Locked>();
          if (code !== data.code) return false;
          this.to({ state: "open", code, guests: 0 });
          this.timeout("alarm", 100);
          this.raise("check");
          return true;
        },
        knock() {
          return this.postpone();
        },
      },
      cast: {
        pass() {
          this.postpone();
        },
      },
    },
    open: {
      enter() {
        this.stateTimeout(10_000);
      },
      call: {
        knock() {
          const caller: Caller<number> = this.caller<number>();
          return caller.later;
        },
      },
      cast: {
        pass: (data, count: number) => {
          data.guests += count;
        },
      },
      info: {
        shut(_data, message: { readonly type: "shut"; readonly by: string }) {
          expectTypeOf(message.by).toBeString();
        },
      },
      stateTimeout(data) {
        expectTypeOf(data).toEqualTypeOf<Open>();
        this.to({ state: "locked", code: data.code });
      },
      timeout: {
        alarm(data) {
          expectTypeOf(data).toEqualTypeOf<Open>();
        },
      },
      internal: { check() {} },
    },
  },
  any: {
    call: {
      where: (data) => {
        expectTypeOf(data).toEqualTypeOf<Door>();
        return data.state;
      },
    },
  },
});

test("machine: a call gives what the states' handlers give", () => {
  expectTypeOf<ArgsOf<typeof door>>().toEqualTypeOf<[code: string]>();
  const ref = null as unknown as Ref<ProtocolOf<typeof door>>;
  expectTypeOf(self.call(ref, "unlock", "1")).toEqualTypeOf<Wait<boolean>>();
  expectTypeOf(self.call(ref, "where")).toEqualTypeOf<Wait<"locked" | "open">>();
  expectTypeOf(self.call(ref, "knock")).toEqualTypeOf<Wait<number>>();
  self.cast(ref, "pass", 1);
  self.send(ref, { type: "shut", by: "me" });
  // @ts-expect-error no such call
  self.call(ref, "lock");
  // @ts-expect-error a code is a string
  self.call(ref, "unlock", 1);
  // @ts-expect-error an internal event is nobody else's
  self.cast(ref, "check");
});

test("machine: what it does not know is refused", () => {
  type Lamp = { state: "on"; watts: number } | { state: "off" };
  // @ts-expect-error a state has no entry
  machine({ init: (): Lamp => ({ state: "off" }), states: { off: {} } });
  machine({
    init: (): Lamp => ({ state: "off" }),
    states: {
      on: {},
      off: {},
      // @ts-expect-error no such state
      broken: {},
    },
  });
  machine({
    timeouts: ["late"],
    init: (): Lamp => ({ state: "off" }),
    states: {
      on: {
        cast: {
          wrong() {
            // @ts-expect-error no such state
            this.to({ state: "broken" });
            // @ts-expect-error its data is missing
            this.to({ state: "on" });
            // @ts-expect-error no such time-out
            this.timeout("later", 1);
            // @ts-expect-error it has no events of its own
            this.raise("late");
          },
        },
      },
      off: {},
    },
  });
  machine({
    // @ts-expect-error init makes a state that is none of the annotated ones
    init: (): Lamp => ({ state: "broken" }),
    states: { on: {}, off: {} },
  });
});

test("machine: self annotated in init is covered by the states", () => {
  const covered = machine({
    init: (self: Self<{ readonly type: "tick" }>): { state: "a"; own: Ref<{ readonly type: "tick" }> } => ({
      state: "a",
      own: self.ref,
    }),
    states: { a: { info: { tick() {} } } },
  });
  expectTypeOf(covered).toExtend<Definition<[], { readonly type: "tick" }>>();
});
