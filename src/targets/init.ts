import {
  Behavior,
  CallMessage,
  StartWait,
  type BootResult,
  type Call,
  type Cell,
  type ExitReason,
  type Message,
  type Ref,
  type SealedUnikernel,
  addressOf,
  refTo,
} from "../../kernel/index.ts";

/** What the host asks the first actor of a new VM, before anything else. */
export interface InitRequest {
  /** Undefined: the image's default export. */
  readonly entry: string | undefined;
  readonly args: readonly unknown[] | undefined;
  /** Who owns the VM: the root's parent. */
  readonly owner: Ref<never>;
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
    if (!(message instanceof CallMessage) || message.op !== "init") return;
    // Sound: the one call that the host makes, in `Host.boot`.
    const { entry, args, owner } = message.args[0] as InitRequest;
    const unikernel = entry === undefined ? this.program : this.program.entries.get(entry);
    if (unikernel === undefined) {
      const known = [...this.program.entries.keys()];
      return message.reply({ type: "undeclared", known });
    }
    const { kernel } = cell;
    const root = kernel.root.spawn(unikernel.root, args ?? unikernel.args ?? [], addressOf(owner));
    new RootStart(cell, root, message);
  }

  override lastWords(): void {}
}

export type InitResult = BootResult | { readonly type: "undeclared"; readonly known: readonly string[] };

/** Answers the host in the moment the root is ready or has failed: a failed root takes the VM, and this actor, with it. */
class RootStart extends StartWait {
  private readonly call: CallMessage;

  constructor(init: Cell, root: Cell, call: CallMessage) {
    super(init, root);
    this.call = call;
  }

  override succeed(info: object): void {
    const { child } = this;
    this.call.reply({ type: "booted", vm: child.ref.vm, root: refTo<never>(child.ref) } satisfies InitResult);
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
