import { process, unikernel, type Self } from "motes";
import { account } from "./account.ts";

/** A customer at the bank: pays in, withdraws before signing in, and is signed out when idle. */
const customer = process(
  async (self: Self<never>, sessionMs: number) => {
    const mine = self.spawn(account, "1234", sessionMs);
    console.log(`deposit 100:   ${await self.call(mine, "deposit", 100)}`);
    const early = self.call(mine, "withdraw", 30);
    console.log(`wrong PIN:     ${await self.call(mine, "signIn", "0000")}`);
    console.log(`right PIN:     ${await self.call(mine, "signIn", "1234")}`);
    console.log(`withdraw 30:   ${await early}, which had waited for the PIN`);
    console.log(`withdraw 500:  ${await self.call(mine, "withdraw", 500)}`);
    await self.sleep(2 * sessionMs);
    console.log(`later:         ${await self.call(mine, "state")}, ${await self.call(mine, "balance")} left`);
  },
  { label: "customer" },
);

export default unikernel({ root: customer, args: [100] });
