import { expectTypeOf, test } from "vitest";
import type { Call, Cast, Definition, Ref, Self, Wait } from "../../kernel/index.ts";
import {
  clusterName,
  elected,
  registered,
  whereis,
  type LeaseKeeperProtocol,
  type Named,
  type Term,
} from "../../src/cluster/index.ts";

type Get = Call<"get", [], number>;
type Set = Cast<"set", [n: number]>;
declare const self: Self<Set>;
declare const store: Definition<[term: Term, start: number], Get | Set>;
declare const plain: Definition<[start: number], Get>;
const getters = clusterName<Get>("getters");

test("elected: the actor's arguments follow its term, and it accepts what the name promises", () => {
  const definition = elected(store, { name: getters });
  type Args = typeof definition extends Definition<infer A, infer _M> ? A : never;
  expectTypeOf<Args>().toEqualTypeOf<[keeper: Ref<LeaseKeeperProtocol>, start: number]>();
  elected(store, { name: "by text" });
  // @ts-expect-error its first argument is no term
  elected(plain, { name: getters });
  // @ts-expect-error the name promises an operation that the actor has not
  elected(store, { name: clusterName<Call<"other", [], string>>("others") });
});

test("whereis: what was found takes what the name promises", () => {
  expectTypeOf(whereis(self, getters)).toEqualTypeOf<Wait<Named<Get> | undefined>>();
});

test("registered: the actor accepts what the name promises, and may accept more", () => {
  const definition = registered({ name: getters });
  type Args = typeof definition extends Definition<infer A, infer _M> ? A : never;
  expectTypeOf<Ref<Get | Set>>().toExtend<Args[1]>();
  expectTypeOf<Ref<Set>>().not.toExtend<Args[1]>();
});
