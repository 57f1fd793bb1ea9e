/**
 * The least a local ping-pong can be in JavaScript: two mailboxes and a run queue, nothing else.
 *
 * No types of message, no time-outs, no errors, no budget, no names. Each send allocates its message, since a message
 * outlives its sender's stack; the queues are circular arrays that grow.
 */
import { askedCount, nowNs, printSample } from "../contender.ts";

interface Message {
  readonly type: "ping" | "pong";
  readonly from: Actor;
  readonly n: number;
}

class Queue<T> {
  #slots: (T | undefined)[] = Array.from<T | undefined>({ length: 16 });
  #mask = 15;
  #head = 0;
  #tail = 0;

  push(value: T): void {
    if (this.#tail - this.#head > this.#mask) this.#grow();
    this.#slots[this.#tail++ & this.#mask] = value;
  }

  shift(): T | undefined {
    if (this.#head === this.#tail) return undefined;
    const at = this.#head++ & this.#mask;
    const value = this.#slots[at];
    this.#slots[at] = undefined;
    return value;
  }

  #grow(): void {
    const size = this.#slots.length;
    const next = Array.from<T | undefined>({ length: size * 2 });
    for (let i = 0; i < size; i++) next[i] = this.#slots[(this.#head + i) & this.#mask];
    this.#slots = next;
    this.#mask = size * 2 - 1;
    this.#head = 0;
    this.#tail = size;
  }
}

abstract class Actor {
  readonly mailbox = new Queue<Message>();
  ready = false;
  abstract handle(message: Message): void;
}

const runQueue = new Queue<Actor>();

function send(to: Actor, message: Message): void {
  to.mailbox.push(message);
  if (to.ready) return;
  to.ready = true;
  runQueue.push(to);
}

function run(): void {
  for (let actor = runQueue.shift(); actor !== undefined; actor = runQueue.shift()) {
    for (let message = actor.mailbox.shift(); message !== undefined; message = actor.mailbox.shift()) {
      actor.handle(message);
    }
    actor.ready = false;
  }
}

class Ponger extends Actor {
  handle({ from, n }: Message): void {
    send(from, { type: "pong", from: this, n });
  }
}

class Pinger extends Actor {
  sum = 0;
  handle({ from, n }: Message): void {
    this.sum += n;
    if (n > 1) send(from, { type: "ping", from: this, n: n - 1 });
  }
}

function pingPong(count: number): number {
  const pinger = new Pinger();
  send(new Ponger(), { type: "ping", from: pinger, n: count });
  run();
  return pinger.sum;
}

const count = askedCount();
pingPong(Math.ceil(count / 10));
const startNs = nowNs();
const sum = pingPong(count);
printSample({ work: count, elapsedNs: nowNs() - startNs, check: String(sum) });
