import { actor, type Caller, type Down, type Ref, type Self } from "motes";
import type { Worker } from "./worker.ts";

interface Loan {
  readonly worker: Worker;
  readonly monitor: number;
}

interface State {
  readonly self: Self<never>;
  readonly free: Worker[];
  readonly loans: Map<string, Loan>;
  readonly waiting: { readonly caller: Caller<Worker>; readonly client: Ref<never> }[];
}

/**
 * Lends workers, each to one client at a time; who finds none free waits in line, for as long as its own call does. A client that ends
 * gives its worker back by that. Workers are known by their stable addresses, so one that crashed needs no care here: its
 * supervisor has it running again.
 */
export const pool = actor({
  label: "pool",
  init: (self: Self<never>, workers: readonly Worker[]): State => ({
    self,
    free: [...workers],
    loans: new Map(),
    waiting: [],
  }),
  call: {
    checkOut(state, client: Ref<never>) {
      const worker = state.free.shift();
      if (worker !== undefined) return lend(state, worker, client);
      const caller = this.caller<Worker>();
      state.waiting.push({ caller, client });
      return caller.later;
    },
    load: ({ free, loans, waiting }) => ({
      free: free.length,
      lent: loans.size,
      waiting: waiting.filter(({ caller }) => caller.waiting).length,
    }),
  },
  cast: {
    checkIn(state, worker: Worker) {
      const loan = state.loans.get(worker.toString());
      if (loan === undefined) return;
      state.self.demonitor(loan.monitor);
      takeBack(state, loan);
    },
  },
  info: {
    down(state, { monitor }: Down) {
      for (const loan of state.loans.values()) if (loan.monitor === monitor) takeBack(state, loan);
    },
  },
});

function lend({ self, loans }: State, worker: Worker, client: Ref<never>): Worker {
  loans.set(worker.toString(), { worker, monitor: self.monitor(client) });
  return worker;
}

/** To the next in line who still waits, or to the free ones. */
function takeBack(state: State, { worker }: Loan): void {
  state.loans.delete(worker.toString());
  for (let next = state.waiting.shift(); next !== undefined; next = state.waiting.shift()) {
    if (!next.caller.waiting) continue;
    next.caller.reply(lend(state, worker, next.client));
    return;
  }
  state.free.push(worker);
}
