import { describe, expect, test } from "vitest";
import {
  behaviorOf,
  eventHandler,
  events,
  leave,
  process,
  sameRef,
  selfOf,
  type HandlerGone,
  type Self,
  type Wait,
} from "../../kernel/index.ts";
import { testKernel, type TestKernel } from "../support/test-platform.ts";

type Line = { readonly type: "line"; readonly text: string } | { readonly type: "flush" };

interface Stage extends TestKernel {
  readonly self: Self<HandlerGone>;
  readonly gone: HandlerGone[];
}

function stage(): Stage {
  const made = testKernel();
  const gone: HandlerGone[] = [];
  const adder = process(function* (self: Self<HandlerGone>): Generator<Wait<unknown>, void, unknown> {
    for (;;) gone.push(yield* self.receive("handler_gone"));
  });
  return { ...made, gone, self: selfOf<HandlerGone>(made.kernel.spawn(behaviorOf(adder), [], null)) };
}

const logger = (log: string[], name: string) =>
  eventHandler(
    {
      label: name,
      init: (prefix: string) => ({ prefix }),
      handle(state, event: Line) {
        if (event.type === "flush") return leave;
        if (event.text === "crash") throw new Error("handler");
        log.push(`${state.prefix}${event.text}`);
        return undefined;
      },
      terminate: (_state, reason) => {
        log.push(`${name} ends: ${typeof reason === "object" ? "crash" : reason}`);
      },
    },
    `${name}:`,
  );

const line = (text: string): Line => ({ type: "line", text });

describe("events", () => {
  test("events: every handler hears of every event, in the order they were added", async () => {
    const { self, settle } = stage();
    const log: string[] = [];
    const bus = self.spawn(events<Line>());
    const first = self.call(bus, "add", logger(log, "a"));
    self.call(bus, "add", logger(log, "b")).catch(() => {});
    self.cast(bus, "notify", line("1"));
    self.cast(bus, "notify", line("2"));
    await settle();
    expect(await first).toEqual({ type: "added", handler: 1 });
    expect(log).toEqual(["a:1", "b:1", "a:2", "b:2"]);
  });

  test("events: syncNotify waits until slow handlers are done", async () => {
    const { self, settle, advance } = stage();
    const log: string[] = [];
    const slow = eventHandler({
      init: () => null,
      async handle(_state, _event: Line) {
        await Promise.resolve();
        log.push("handled");
      },
    });
    const bus = self.spawn(events<Line>());
    self.call(bus, "add", slow);
    const told = self.call(bus, "syncNotify", line("x"));
    void told.then(() => log.push("told"));
    await settle();
    await advance(0);
    expect(log).toEqual(["handled", "told"]);
  });

  test("events: a crashing handler is removed, reported and its adder told; the others go on", async () => {
    const { self, settle, gone, platform } = stage();
    const log: string[] = [];
    const bus = self.spawn(events<Line>());
    self.call(bus, "add", logger(log, "a"), self.ref);
    self.call(bus, "add", logger(log, "b"));
    self.cast(bus, "notify", line("crash"));
    const added = self.call(bus, "add", logger(log, "c"), self.ref);
    self.cast(bus, "notify", line("on"));
    const left = self.call(bus, "handlers");
    await settle();
    expect(await added).toEqual({ type: "added", handler: 3 });
    expect(await left).toEqual([{ handler: 3, label: "c" }]);
    expect(log).toEqual(["a ends: crash", "b ends: crash", "c:on"]);
    expect(gone.map(({ handler, label, bus: from }) => [handler, label, sameRef(from, bus)])).toEqual([
      [1, "a", true],
    ]);
    expect(gone[0]?.reason).toMatchObject({ message: "handler" });
    expect(platform.events).toMatchObject([
      { report: "handler_crashed", child: "a" },
      { report: "handler_crashed", child: "b" },
    ]);
  });

  test("events: a handler leaves by itself, by remove, and with its adder", async () => {
    const { self, settle, gone, kernel } = stage();
    const log: string[] = [];
    const bus = self.spawn(events<Line>());
    self.call(bus, "add", logger(log, "a"), self.ref);
    self.cast(bus, "notify", { type: "flush" });
    self.call(bus, "add", logger(log, "b"), self.ref);
    const removed = self.call(bus, "remove", 2);
    const again = self.call(bus, "remove", 2);
    const brief = selfOf<HandlerGone>(
      kernel.spawn(
        behaviorOf(
          process(function* (self: Self<HandlerGone>): Generator<Wait<unknown>, void, unknown> {
            yield* self.call(bus, "add", logger(log, "c"), self.ref);
            yield* self.receive("handler_gone");
          }),
        ),
        [],
        null,
      ),
    );
    await settle();
    brief.stop("shutdown");
    await settle();
    const left = self.call(bus, "handlers");
    await settle();
    expect([await removed, await again, await left]).toEqual([true, false, []]);
    expect(log).toEqual(["a ends: normal", "b ends: normal", "c ends: shutdown"]);
    expect(gone.map(({ handler, reason }) => [handler, reason])).toEqual([[1, "normal"]]);
  });

  test("events: an init that throws is an answer, and the end of the bus is told to handlers and adders", async () => {
    const { self, settle, gone } = stage();
    const log: string[] = [];
    const bus = self.spawn(events<Line>());
    const bad = eventHandler({
      init: () => {
        throw new Error("no");
      },
      handle: (_state: never, _event: Line) => {},
    });
    const failed = self.call(bus, "add", bad);
    self.call(bus, "add", logger(log, "a"), self.ref);
    await settle();
    expect(await failed).toMatchObject({ type: "failed", reason: { message: "no" } });
    self.exit(bus, "shutdown");
    await settle();
    expect(log).toEqual(["a ends: shutdown"]);
    expect(gone.map(({ handler, reason }) => [handler, reason])).toEqual([[1, "shutdown"]]);
  });
});
