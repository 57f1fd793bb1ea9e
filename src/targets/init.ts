import {
  addressOf,
  Behavior,
  CallMessage,
  StartWait,
  type Address,
  type BootResult,
  type Call,
  type Cell,
  type ExitReason,
  type Message,
  type Ref,
  type Probe,
  type SealedUnikernel,
  refTo,
  reserved,
} from "../../kernel/index.ts";

/** What the host asks the first actor of a new VM, before anything else. */
export interface InitRequest {
  /** Undefined: the image's default export. */
  readonly entry: string | undefined;
  readonly args: readonly unknown[] | undefined;
  /** Who owns the VM: the root's parent. */
  readonly owner: Ref<never>;
  /** Undefined: nobody asks. */
  readonly probe?: boolean | undefined;
}

/** What that actor takes. It has the first serial of its VM. */
export type InitProtocol = Call<"init", readonly [request: InitRequest], InitResult>;

/**
 * The first actor of every VM: starts the program's root when the host says with what, and answers when it is ready. The VM
 * then ends with the root.
 */
export class Init extends Behavior {
  readonly stopsAtWait = true;
  private readonly program: SealedUnikernel;

  constructor(program: SealedUnikernel) {
    super("init", undefined);
    this.program = program;
  }

  override begin(cell: Cell): void {
    cell.takeArgs();
  }

  override handle(cell: Cell, message: Message): void {
    if (message instanceof Overdue) return message.answer();
    if (!(message instanceof CallMessage) || message.op !== "init") return;
    // Sound: the one call that the host makes, in `Host.boot`.
    const { entry, args, owner, probe } = message.args[0] as InitRequest;
    const unikernel = entry === undefined ? this.program : this.program.entries.get(entry);
    if (unikernel === undefined) {
      const known = [...this.program.entries.keys()];
      return message.reply({ type: "undeclared", known });
    }
    const { kernel } = cell;
    const root = kernel.root.spawn(unikernel.root, args ?? unikernel.args ?? [], addressOf(owner));
    new RootStart(cell, root, message, probe === true && root.behavior.answersProbes);
  }

  override lastWords(): void {}
}

export type InitResult = BootResult | { readonly type: "undeclared"; readonly known: readonly string[] };

/** Answers the host in the moment the root is ready or has failed: a failed root takes the VM, and this actor, with it. */
class RootStart extends StartWait {
  private readonly call: CallMessage;
  private readonly probes: boolean;

  constructor(init: Cell, root: Cell, call: CallMessage, probes: boolean) {
    super(init, root);
    this.call = call;
    this.probes = probes;
  }

  override succeed(info: object): void {
    const { child, call, cell } = this;
    const { kernel, parent } = child;
    const booted = { type: "booted", vm: child.ref.vm, root: refTo<never>(child.ref) } as const;
    if (this.probes && parent !== null) {
      kernel.deliverCall(child, new FirstProbe(parent, (probe) => call.reply({ ...booted, probe })));
      // The root has its turn before this: whoever waits for the VM does not wait for what the root waits for.
      kernel.deliver(cell, new Overdue(() => call.reply(booted)));
    } else call.reply(booted satisfies InitResult);
    super.succeed(info);
  }

  override ignored(): void {
    this.call.reply({ type: "ignored" } satisfies InitResult);
    super.ignored();
  }

  override failed(reason: ExitReason): void {
    this.call.reply({ type: "failed", reason } satisfies InitResult);
    super.failed(reason);
  }
}

/** The owner's first question to the root, asked in its name where it need not travel. */
class FirstProbe extends CallMessage {
  readonly from: Address;
  private readonly answered: (probe: Probe) => void;

  constructor(owner: Address, answered: (probe: Probe) => void) {
    super(reserved.probe, []);
    this.from = owner;
    this.answered = answered;
  }

  protected override answer(ok: boolean, value: unknown): void {
    // Sound: it is what the kernel answers to this question. A root that ends instead takes the VM with it.
    if (ok) this.answered(value as Probe);
  }

  override isFrom(): boolean {
    return false;
  }
}

/** To this actor itself: what was to come at once has come, or takes longer. */
class Overdue implements Message {
  readonly type = "overdue";
  readonly answer: () => void;

  constructor(answer: () => void) {
    this.answer = answer;
  }
}
