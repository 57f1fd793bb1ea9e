import { expectTypeOf, test } from "vitest";
import { groups, registry, type GroupChange, type Ref, type Self } from "../../kernel/index.ts";

interface Ping {
  readonly type: "ping";
}
interface Pong {
  readonly type: "pong";
}
declare const ping: Self<Ping>;
declare const both: Self<Ping | Pong>;
declare const none: Self<never>;

test("registry: an entry takes what the registry promises", () => {
  const unique = registry<"a" | "b", Ping>("unique");
  unique.register(ping, "a");
  unique.register(both, "a");
  // @ts-expect-error takes no ping
  unique.register(none, "a");
  // @ts-expect-error no such key
  unique.register(ping, "c");
  expectTypeOf(unique.lookup(none, "a")).toEqualTypeOf<Ref<Ping> | undefined>();
  const many = registry<string, Ping>("many", { keys: "duplicate" });
  expectTypeOf(many.lookup(none, "a")).toEqualTypeOf<readonly Ref<Ping>[]>();
});

test("groups: a member takes what the scope promises, a watcher takes its changes", () => {
  const scope = groups<string, Ping>("scope");
  scope.join(both, "x");
  // @ts-expect-error takes no ping
  scope.join(none, "x");
  // @ts-expect-error takes no changes
  scope.watch(ping);
  const watcher = null as unknown as Self<GroupChange<string, Ping> | Pong>;
  expectTypeOf(scope.watch(watcher)).toEqualTypeOf<ReadonlyMap<string, readonly Ref<Ping>[]>>();
  expectTypeOf(scope.members(none, "x")).toEqualTypeOf<readonly Ref<Ping>[]>();
});
