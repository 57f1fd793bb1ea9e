import type { ControlKind, Message } from "../../../kernel/index.ts";
import { digest } from "./digest.ts";

/** Called with what is wrong. It is noted, and the simulation ends after the present event: nothing is thrown into a kernel. */
export type Violated = (invariant: string, detail: string) => void;

interface Entry {
  readonly number: number;
  readonly what: string;
  readonly to: number;
  readonly from: number;
  readonly id: number;
  readonly content: number;
}

/**
 * What is under way in one direction between two VMs, numbered as it was sent. What arrives must be the first of it: nothing
 * overtakes, nothing is lost in between, nothing comes twice, nothing is changed. So any two actors see one order.
 */
export class Ledger {
  private readonly name: string;
  private readonly violated: Violated;
  private readonly hosts: readonly [from: string, to: string];
  private entries: Entry[] = [];
  private head = 0;
  private numbers = 0;

  /** `hosts`: what the hosts of the two are called by others. */
  constructor(name: string, violated: Violated, hosts: readonly [from: string, to: string] = ["", ""]) {
    this.name = name;
    this.violated = violated;
    this.hosts = hosts;
  }

  message(to: number, message: Message): void {
    this.sent("message", to, 0, 0, message);
  }

  call(to: number, from: number, id: number, op: string, args: readonly unknown[]): void {
    this.sent(op, to, from, id, args);
  }

  reply(id: number, ok: boolean, value: unknown): void {
    this.sent(ok ? "answer" : "failure", 0, 0, id, ok ? value : undefined);
  }

  control(kind: ControlKind, to: number, from: number, id: number, _reason: unknown): void {
    this.sent(`control ${kind}`, to, from, id, undefined);
  }

  messageArrived(to: number, message: Message): void {
    this.arrived("message", to, 0, 0, message);
  }

  callArrived(to: number, from: number, id: number, op: string, args: readonly unknown[]): void {
    this.arrived(op, to, from, id, args);
  }

  replyArrived(id: number, ok: boolean, value: unknown): void {
    this.arrived(ok ? "answer" : "failure", 0, 0, id, ok ? value : undefined);
  }

  controlArrived(kind: ControlKind, to: number, from: number, id: number): void {
    this.arrived(`control ${kind}`, to, from, id, undefined);
  }

  private sent(what: string, to: number, from: number, id: number, content: unknown): void {
    this.entries.push({
      number: ++this.numbers,
      what,
      to,
      from,
      id,
      content: digest(content, this.hosts[0]),
    });
  }

  private arrived(what: string, to: number, from: number, id: number, content: unknown): void {
    const entry = this.entries[this.head];
    if (entry === undefined)
      return this.violated(
        "signal order",
        `${this.name}: "${what}" to ${to} arrived, and nothing is under way`,
      );
    const same = entry.what === what && entry.to === to && entry.from === from && entry.id === id;
    if (!same || entry.content !== digest(content, this.hosts[1])) {
      this.violated(
        "signal order",
        `${this.name}: "${what}" to ${to} (id ${id}) arrived where number ${entry.number}, "${entry.what}" to ${entry.to} (id ${entry.id}), was due`,
      );
    }
    this.head++;
    if (this.head < 64 || this.head * 2 < this.entries.length) return;
    this.entries = this.entries.slice(this.head);
    this.head = 0;
  }
}
