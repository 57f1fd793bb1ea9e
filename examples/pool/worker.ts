import { actor, type ProtocolOf, type Ref } from "motes";

export type Worker = Ref<ProtocolOf<typeof worker>>;

/** Does one job at a time, and crashes on what it cannot do. */
export const worker = actor({
  label: "worker",
  init: () => ({ done: 0 }),
  call: {
    squareRoot(state, of: number): number {
      if (of < 0) throw new Error(`no square root of ${of}`);
      state.done++;
      return Math.sqrt(of);
    },
    done: (state) => state.done,
  },
});
