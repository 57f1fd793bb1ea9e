import { machine } from "motes";

/**
 * A bank account as a state machine. Money comes in at any time and goes out in a session, which a PIN opens and quiet ends. Who
 * withdraws before the session waits for it: the machine postpones the call.
 */
export type Account =
  | { readonly state: "locked"; readonly pin: string; readonly balance: number }
  | { readonly state: "session"; readonly pin: string; readonly balance: number };

export const account = machine({
  label: "account",
  init: (_self, pin: string, sessionMs: number): Account & { readonly sessionMs: number } => ({
    state: "locked",
    pin,
    balance: 0,
    sessionMs,
  }),
  states: {
    locked: {
      call: {
        signIn(data, pin: string) {
          if (pin !== data.pin) return false;
          this.to({ ...data, state: "session" });
          return true;
        },
        withdraw(_data, _amount: number) {
          return this.postpone();
        },
      },
    },
    session: {
      enter(data) {
        this.stateTimeout(data.sessionMs);
      },
      call: {
        withdraw(data, amount: number) {
          if (!(amount > 0 && amount <= data.balance)) return "refused" as const;
          this.to({ ...data, balance: data.balance - amount });
          return "paid" as const;
        },
      },
      stateTimeout(data) {
        this.to({ ...data, state: "locked" });
      },
    },
  },
  any: {
    call: {
      state: (data) => data.state,
      balance: (data) => data.balance,
      deposit(data, amount: number) {
        if (!(amount > 0)) return "refused" as const;
        this.to({ ...data, balance: data.balance + amount });
        return "booked" as const;
      },
    },
  },
});
