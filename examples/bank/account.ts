import { machine } from "motes";

/** What an account says no with. */
export type Refused = "insufficient funds" | "frozen" | "closed" | "not yours";

export type Receipt =
  | { readonly ok: true; readonly balance: number }
  | { readonly ok: false; readonly why: Refused };

/** Money is whole cents. */
export type Account =
  | { readonly state: "open"; readonly balance: number }
  /** A large sum waits for its owner's word; what else comes meanwhile waits too. */
  | { readonly state: "confirming"; readonly balance: number; readonly amount: number }
  /** Nobody takes anything out; what is paid in counts. */
  | { readonly state: "frozen"; readonly balance: number }
  | { readonly state: "closed" };

/** From this on the owner is asked. */
const largeAmount = 100_000;

const done = (balance: number): Receipt => ({ ok: true, balance });
const refused = (why: Refused): Receipt => ({ ok: false, why });

/**
 * One account as a state machine (OTP: `gen_statem`). A withdrawal of a large sum is confirmed within `confirmMs` or does not happen;
 * withdrawals that come in between are postponed, and handled in their order as soon as it is decided.
 */
export const account = machine({
  label: "account",
  timeouts: ["forgotten"],
  init: (self, balance: number, idleMs: number): Account => {
    self.timeout("forgotten", idleMs);
    return { state: "open", balance };
  },
  states: {
    open: {
      call: {
        deposit({ balance }, amount: number): Receipt {
          this.to({ state: "open", balance: balance + amount });
          return done(balance + amount);
        },
        withdraw({ balance }, amount: number): Receipt {
          if (amount > balance) return refused("insufficient funds");
          if (amount >= largeAmount) {
            this.to({ state: "confirming", balance, amount });
            return done(balance);
          }
          this.to({ state: "open", balance: balance - amount });
          return done(balance - amount);
        },
        confirm: (): Receipt => refused("not yours"),
        freeze({ balance }): Receipt {
          this.to({ state: "frozen", balance });
          return done(balance);
        },
        thaw: ({ balance }): Receipt => done(balance),
        close({ balance }): Receipt {
          this.to({ state: "closed" });
          return done(balance);
        },
      },
      timeout: {
        forgotten() {
          this.to({ state: "closed" });
        },
      },
    },
    confirming: {
      enter() {
        this.stateTimeout(confirmMs);
      },
      call: {
        confirm({ balance, amount }): Receipt {
          this.to({ state: "open", balance: balance - amount });
          return done(balance - amount);
        },
        deposit() {
          return this.postpone();
        },
        withdraw() {
          return this.postpone();
        },
        freeze({ balance }): Receipt {
          this.to({ state: "frozen", balance });
          return done(balance);
        },
      },
      stateTimeout({ balance }) {
        this.to({ state: "open", balance });
      },
    },
    frozen: {
      call: {
        deposit({ balance }, amount: number): Receipt {
          this.to({ state: "frozen", balance: balance + amount });
          return done(balance + amount);
        },
        withdraw: (): Receipt => refused("frozen"),
        confirm: (): Receipt => refused("frozen"),
        thaw({ balance }): Receipt {
          this.to({ state: "open", balance });
          return done(balance);
        },
      },
    },
    closed: {
      call: {
        deposit: (): Receipt => refused("closed"),
        withdraw: (): Receipt => refused("closed"),
        confirm: (): Receipt => refused("closed"),
        freeze: (): Receipt => refused("closed"),
        thaw: (): Receipt => refused("closed"),
      },
    },
  },
  any: {
    call: { state: (data) => data.state },
  },
});

/** What the owner has to say yes, in ms. */
const confirmMs = 200;
