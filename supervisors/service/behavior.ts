import { Behavior, type Cell, type Message } from "../../kernel/index.ts";
import type { Task } from "../start-child.ts";
import type { CheckedService } from "./check-service.ts";
import { Desk } from "./desk.ts";

/**
 * A service at run time: an actor that passes on what it is sent. While its way through is open a message costs one step; while
 * it is shut, messages wait in the mailbox in their order, and only what concerns the service itself is taken out from between
 * them. Boots and replacements go on beside it, as tasks of the same actor.
 */
export class ServiceBehavior extends Behavior {
  readonly stopsAtWait = true;
  override readonly passesOn = true;
  override readonly supervises = true;
  private readonly options: CheckedService;

  constructor(options: CheckedService) {
    super(options.label, undefined);
    this.options = options;
  }

  override begin(cell: Cell): void {
    const desk = new Desk(cell, this.options, cell.takeArgs());
    cell.trapping = true;
    cell.state = desk;
    cell.follow(desk);
  }

  override handle(cell: Cell, message: Message): void {
    // Sound: `begin` has put it there.
    (cell.state as Desk).take(message);
  }

  override stateOf(cell: Cell): unknown {
    return cell.state instanceof Desk ? cell.state.status() : undefined;
  }

  override *lastWords(cell: Cell): Task<void> {
    if (!(cell.state instanceof Desk)) return;
    yield* cell.state.close();
  }
}
