import { Agenda, type Step } from "./agenda.ts";
import { CallMessage } from "./call.ts";
import { callerOf, type Caller, type Later } from "./caller.ts";
import { Cell } from "./cell.ts";
import { kernelError } from "./error-table.ts";
import { Engine, type AnyState } from "./machine-engine.ts";

/** What only servers and machines can do: the run-time side of `ServerSelf` and `MachineSelf`. */
export class ServerCell extends Cell {
  caller<R>(): Caller<R> {
    const { handling } = this;
    return callerOf(handling instanceof CallMessage ? handling : null, this.ref.toString());
  }

  continueWith(step: Step): void {
    this.agenda ??= new Agenda(this);
    this.agenda.add(step);
  }

  timeoutAfter(timeoutMs: number): void {
    if (!(timeoutMs >= 0)) {
      throw kernelError("BAD_OPTION", {
        what: "timeoutAfter",
        expected: "0 or more ms",
        got: String(timeoutMs),
      });
    }
    this.agenda ??= new Agenda(this);
    this.agenda.timeoutAfter(timeoutMs);
  }

  to(next: AnyState): void {
    this.engine.to(next);
  }

  repeat(): void {
    this.engine.repeat();
  }

  postpone(): Later<never> {
    return this.engine.postpone();
  }

  raise(event: string): void {
    this.engine.raise(event);
  }

  stateTimeout(timeoutMs: number): void {
    this.engine.setTimeout("state", timeoutMs);
  }

  eventTimeout(timeoutMs: number): void {
    this.engine.setTimeout("event", timeoutMs);
  }

  timeout(name: string, timeoutMs: number): void {
    this.engine.setTimeout(`name:${name}`, timeoutMs);
  }

  private get engine(): Engine {
    if (this.state instanceof Engine) return this.state;
    // A late callback of a machine that has ended.
    throw kernelError("ACTOR_DEAD", { actor: this.ref.toString() });
  }
}
