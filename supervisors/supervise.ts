import { CallMessage, exit, ExitMessage, refTo, sameRef, type Message } from "../kernel/index.ts";
import type { Task } from "./start-child.ts";
import { RetryMessage, type SupervisorSelf } from "./retry.ts";
import type { Next, Tree } from "./tree.ts";
import type { Cell } from "../kernel/index.ts";

/**
 * The life of a supervisor: one message at a time, nothing taken while a child is being started or stopped. It ends when its
 * parent says so, with any reason; exit signals of strangers, linked or not, are swallowed, and unknown messages only reported.
 *
 * Semantics: OTP `supervisor` on `gen_server`.
 */
export function* supervise(self: SupervisorSelf, cell: Cell, tree: Tree): Task<never> {
  cell.state = tree;
  self.ready(yield* tree.begin());
  for (;;) {
    const message: Message = yield* self.receive();
    if (message instanceof ExitMessage && isParent(cell, message)) {
      yield* tree.stop();
      exit(message.reason);
    }
    if ((yield* handle(tree, message)) === "go_on") continue;
    yield* tree.stop();
    exit("shutdown");
  }
}

function* handle(tree: Tree, message: Message): Task<Next> {
  if (message instanceof ExitMessage) return yield* tree.ended(message.from.toString(), message.reason);
  if (message instanceof RetryMessage) return yield* tree.retry(message.key);
  if (message instanceof CallMessage) {
    const answer = yield* tree.answer(message.op, message.args);
    if (answer === undefined) message.fail("unknown_op", message.op);
    else message.reply(answer);
    return "go_on";
  }
  tree.report("unexpected_message", "", message.type);
  return "go_on";
}

function isParent({ parent }: Cell, { from }: ExitMessage): boolean {
  return parent !== null && sameRef(from, refTo(parent));
}
