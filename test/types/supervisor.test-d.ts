import { expectTypeOf, test } from "vitest";
import { actor, type InfoOf, type Ref } from "../../kernel/index.ts";
import { child, dynamicSupervisor, supervisor, template, type AnyChild } from "../../supervisors/index.ts";

interface Tick {
  readonly type: "tick";
}
const counter = actor({
  init: (_self, n: number) => ({ n }),
  info: { tick(_state, _message: Tick) {} },
});
const one = child(counter, [0]);

test("supervisor: its children's addresses are known by id", () => {
  const tree = supervisor({
    strategy: "rest_for_one",
    children: { one, two: child(supervisor({ children: {} }), []) },
  });
  expectTypeOf<InfoOf<typeof tree>["children"]["one"]>().toEqualTypeOf<Ref<Tick>>();
  const listed = supervisor({
    children: [
      ["1", one],
      ["2", one],
    ],
  });
  expectTypeOf<InfoOf<typeof listed>["children"]>().toEqualTypeOf<{
    readonly 1: Ref<Tick>;
    readonly 2: Ref<Tick>;
  }>();
  const made = supervisor((_self, n: number) => ({
    children: [
      ["a", child(counter, [n])],
      ["b", one],
    ],
  }));
  expectTypeOf<InfoOf<typeof made>["children"]>().toEqualTypeOf<{
    readonly a: Ref<Tick>;
    readonly b: Ref<Tick>;
  }>();
});

test("supervisor: a bad flag or id is refused", () => {
  // @ts-expect-error no such strategy
  supervisor({ strategy: "one_for_two", children: { one } });
  // @ts-expect-error of dynamic supervisors
  supervisor({ strategy: "simple_one_for_one", children: { one } });
  // @ts-expect-error no such option
  supervisor({ strategi: "one_for_one", children: { one } });
  // @ts-expect-error no such part
  supervisor({ intensity: { restarts: 1, within: 5000 }, children: { one } });
  // @ts-expect-error no such auto-shutdown
  supervisor({ autoShutdown: "always", children: { one } });
  // @ts-expect-error a definition is no child
  supervisor({ children: { counter } });
  supervisor({
    // @ts-expect-error an id is there twice
    children: [
      ["a", one],
      ["b", one],
      ["a", one],
    ],
  });
  // @ts-expect-error an id is there twice
  supervisor((_self, n: number) => ({
    children: [
      ["a", child(counter, [n])],
      ["a", one],
    ],
  }));
  // What types do not know is left to the start.
  const id: string = "a";
  const pairs: readonly (readonly [string, AnyChild])[] = [[id, one]];
  supervisor({ children: pairs });
  supervisor({
    children: [
      [id, one],
      ["b", one],
      [id, one],
    ],
  });
});

test("supervisor: a bad child spec is refused", () => {
  // @ts-expect-error no such key
  child(counter, [0], { restarts: "permanent" });
  // @ts-expect-error no such restart type
  child(counter, [0], { restart: "sometimes" });
  // @ts-expect-error no such shutdown
  child(counter, [0], { shutdown: "brutal" });
  // @ts-expect-error a permanent child is never significant
  child(counter, [0], { significant: true });
  // @ts-expect-error no such part
  child(counter, [0], { backoff: { firstMs: 1, maxMs: 10, factr: 2 } });
  // @ts-expect-error an argument is missing
  child(counter, []);
  // @ts-expect-error no such key
  template(counter, { restarts: "permanent" });
  // @ts-expect-error it has one template
  dynamicSupervisor({ child: one });
  // @ts-expect-error no strategies
  dynamicSupervisor({ child: template(counter), strategy: "one_for_one" });
});
