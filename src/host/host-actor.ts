import {
  Behavior,
  CallMessage,
  demonitor,
  DownMessage,
  monitor,
  type BootRequest,
  type BootResult,
  type Cell,
  type ExitReason,
  type Message,
  type Ref,
  refTo,
} from "../../kernel/index.ts";

export interface BootOutcome {
  readonly vm: number;
  readonly result: BootResult;
  /** When the VM is gone. */
  readonly ended: Promise<ExitReason>;
}

/** An actor that operators find by name. */
export interface Announced {
  readonly name: string;
  readonly ref: Ref<never>;
}

const announcedMax = 4096;

/** What the host actor asks of the host behind it. */
export interface Toolstack {
  /** `caller` is the VM whose image has the entry. Never rejects. */
  bootFor(caller: number, request: BootRequest, owner: Ref<never>): Promise<BootOutcome>;
  /** Ends a VM in an orderly way: its root is asked, and has some time. */
  retire(vm: number): void;
  /** False: that VM is not below the caller's. True also if it is gone. */
  killFor(caller: number, vm: number): boolean;
}

/**
 * The first actor of the host's own VM: boots and kills VMs for whoever asks by message (`HostProtocol`), and ends the VMs of an
 * owner that is gone.
 */
export class HostActor extends Behavior {
  readonly stopsAtWait = true;
  private readonly toolstack: Toolstack;
  /** VMs by the monitor on their owner. */
  private readonly owned = new Map<number, { vm: number | undefined; gone: boolean }>();

  /** Who has announced itself, by the monitor on it. */
  private readonly known = new Map<number, Announced>();

  constructor(toolstack: Toolstack) {
    super("host", undefined);
    this.toolstack = toolstack;
  }

  get announced(): readonly Announced[] {
    return [...this.known.values()];
  }

  override begin(cell: Cell): void {
    cell.takeArgs();
  }

  override handle(cell: Cell, message: Message): void {
    if (message instanceof CallMessage) {
      if (message.op === "boot") this.boot(cell, message);
      else if (message.op === "kill") this.kill(message);
      else if (message.op === "announce") this.announce(cell, message);
      else message.fail("unknown_op", message.op);
    } else if (message instanceof DownMessage) this.ownerGone(message);
  }

  override lastWords(): void {}

  private boot(cell: Cell, call: CallMessage): void {
    const request = call.args[0];
    if (!isRequest(request)) return call.fail("refused", "bad_request");
    const { from } = call;
    const watch = monitor(cell.kernel, cell, from);
    const owned: { vm: number | undefined; gone: boolean } = { vm: undefined, gone: false };
    this.owned.set(watch, owned);
    void this.toolstack.bootFor(from.vm, request, refTo<never>(from)).then(({ vm, result, ended }) => {
      owned.vm = vm;
      if (owned.gone) this.toolstack.retire(vm);
      call.reply(result);
      void ended.then(() => {
        this.owned.delete(watch);
        demonitor(cell, watch);
      });
    });
  }

  private kill(call: CallMessage): void {
    const vm = call.args[0];
    if (typeof vm === "number" && this.toolstack.killFor(call.from.vm, vm)) call.reply(undefined);
    else call.fail("refused", "not_owned");
  }

  private announce(cell: Cell, call: CallMessage): void {
    const name = call.args[0];
    if (typeof name !== "string" || this.known.size >= announcedMax)
      return call.fail("refused", "bad_request");
    this.known.set(monitor(cell.kernel, cell, call.from), { name, ref: refTo<never>(call.from) });
    call.reply(undefined);
  }

  private ownerGone(down: DownMessage): void {
    this.known.delete(down.monitor);
    const owned = this.owned.get(down.monitor);
    this.owned.delete(down.monitor);
    if (owned === undefined) return;
    owned.gone = true;
    if (owned.vm !== undefined) this.toolstack.retire(owned.vm);
  }
}

function isRequest(value: unknown): value is BootRequest {
  if (typeof value !== "object" || value === null) return false;
  const { entry, args } = value as { readonly entry?: unknown; readonly args?: unknown };
  return typeof entry === "string" && Array.isArray(args);
}
