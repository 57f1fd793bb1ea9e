import { expectTypeOf, test } from "vitest";
import {
  eventHandler,
  events,
  task,
  taskStream,
  type HandlerAdded,
  type HandlerGone,
  type ProtocolOf,
  type Ref,
  type Self,
  type Task,
  type TaskResult,
  type Wait,
} from "../../kernel/index.ts";

declare const self: Self<{ readonly type: "ping" }>;

test("task: its result is what the work comes to, in any style", () => {
  expectTypeOf(task(self, () => 1)).toEqualTypeOf<Task<number>>();
  expectTypeOf(task(self, async () => "a")).toEqualTypeOf<Task<string>>();
  expectTypeOf(
    task(self, function* (self) {
      yield* self.sleep(1);
      return true;
    }),
  ).toEqualTypeOf<Task<boolean>>();
});

test("task stream: results carry their item", () => {
  const stream = taskStream(self, new Set(["a"]), async (_self, item) => item.length, { concurrency: 2 });
  expectTypeOf(stream.next()).toEqualTypeOf<Wait<TaskResult<string, number> | undefined>>();
  // @ts-expect-error a bound is asked for
  taskStream(self, [1], async () => {}, {});
});

test("events: a handler takes the events of its bus, an adder what it is told", () => {
  type Event = { readonly type: "a" } | { readonly type: "b" };
  const bus = events<Event>();
  const ref = null as unknown as Ref<ProtocolOf<typeof bus>>;
  const wide = eventHandler({ init: () => 0, handle: (_state, _event: { readonly type: string }) => {} });
  const narrow = eventHandler({ init: () => 0, handle: (_state, _event: { readonly type: "a" }) => {} });
  expectTypeOf(self.call(ref, "add", wide)).toEqualTypeOf<Wait<HandlerAdded>>();
  // @ts-expect-error it takes only some of the events
  self.call(ref, "add", narrow);
  // @ts-expect-error cannot be told that a handler is gone
  self.call(ref, "add", wide, self.ref);
  self.call(ref, "add", wide, null as unknown as Ref<HandlerGone>);
  // @ts-expect-error no such event
  self.cast(ref, "notify", { type: "c" });
});
