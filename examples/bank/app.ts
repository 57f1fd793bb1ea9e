import { child, process, supervisor, unikernel, type Self, type Wait } from "motes";
import { account, type Receipt } from "./account.ts";

const bank = supervisor({
  label: "bank",
  children: { ann: child(account, [150_000, 60_000]), bob: child(account, [500, 60_000]) },
});

/** A morning at the bank. */
const morning = process(
  function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
    const { ann, bob } = (yield* self.start(bank)).children;
    const say = (who: string, what: string, receipt: Receipt): void =>
      console.log(
        `${who.padEnd(4)} ${what.padEnd(28)} ${receipt.ok ? `ok, ${euro(receipt.balance)}` : receipt.why}`,
      );

    say("bob", "takes 8.00 out", yield* self.call(bob, "withdraw", 800));
    say("bob", "pays 20.00 in", yield* self.call(bob, "deposit", 2000));
    say("bob", "takes 8.00 out", yield* self.call(bob, "withdraw", 800));

    say("ann", "asks for 1,200.00", yield* self.call(ann, "withdraw", 120_000));
    // Waits in the machine until the large one is decided.
    const small = self.call(ann, "withdraw", 50_000);
    say("ann", "says yes", yield* self.call(ann, "confirm"));
    say("ann", "takes 500.00 out", yield* small);

    say("ann", "asks for 300.00", yield* self.call(ann, "withdraw", 30_000));
    say("ann", "pays 2,000.00 in", yield* self.call(ann, "deposit", 200_000));
    say("ann", "asks for 1,000.00", yield* self.call(ann, "withdraw", 100_000));
    // No yes: after a while it has not happened, and what waited goes on.
    say("ann", "takes 1.00 out, later", yield* self.call(ann, "withdraw", 100));

    say("bob", "is frozen", yield* self.call(bob, "freeze"));
    say("bob", "takes 1.00 out", yield* self.call(bob, "withdraw", 100));
    say("bob", "is thawed", yield* self.call(bob, "thaw"));
    say("bob", "closes", yield* self.call(bob, "close"));
    say("bob", "pays 1.00 in", yield* self.call(bob, "deposit", 100));
  },
  { label: "morning" },
);

const euro = (cents: number): string => `${(cents / 100).toFixed(2)} left`;

export default unikernel({ name: "bank", root: morning });
