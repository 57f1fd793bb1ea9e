import {
  actor,
  process,
  type Call,
  type Cast,
  type Kernel,
  type Ref,
  type Self,
} from "../../kernel/index.ts";
import { World } from "./bridge.ts";
import { probe, type Note, type Probe } from "./probe.ts";

export type Counter =
  | Call<"get", [], number>
  | Call<"add", [by: number], number>
  | Cast<"put", [n: number]>
  | Call<"never", [], number>;

export const counter = actor({
  init: () => ({ n: 0 }),
  call: {
    get: (state) => state.n,
    add: (state, by: number) => (state.n += by),
    never() {
      return this.caller<number>().later;
    },
  },
  cast: {
    put: (state, n: number) => {
      state.n = n;
    },
  },
});

/** Answers nothing. */
export const mute = process(function* (self: Self<Counter>) {
  for (;;) yield* self.receive("$call");
});

/** An actor of one VM as another one knows it. */
export const seenFrom = <M>(kernel: Kernel, ref: Ref<M>): Ref<M> =>
  kernel.address(ref.host, ref.vm, ref.serial) as never;

export interface Two {
  readonly world: World;
  readonly one: ReturnType<World["vm"]>;
  readonly two: ReturnType<World["vm"]>;
  readonly a: Probe;
  readonly b: Probe;
  /** b, as a knows it; and the reverse. */
  readonly toB: Ref<Note>;
  readonly toA: Ref<Note>;
}

export function twoVms(trapping = true): Two {
  const world = new World();
  const [one, two] = [world.vm(1), world.vm(2)];
  const [a, b] = [probe(one.kernel, trapping), probe(two.kernel, trapping)];
  return {
    world,
    one,
    two,
    a,
    b,
    toB: seenFrom(one.kernel, b.self.ref),
    toA: seenFrom(two.kernel, a.self.ref),
  };
}

export function leaks(...vms: readonly { readonly kernel: Kernel }[]): unknown[] {
  return vms.map(({ kernel }) => [
    kernel.timers.size,
    kernel.calls.size,
    kernel.names.size,
    kernel.peers.holds,
  ]);
}
