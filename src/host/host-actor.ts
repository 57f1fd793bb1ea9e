import {
  Address,
  addressOf,
  Behavior,
  CallMessage,
  crashOf,
  demonitor,
  DownMessage,
  monitor,
  type BootRequest,
  type BootResult,
  type Cell,
  type ExitReason,
  hostVm,
  type HostDown,
  type HostUp,
  type Message,
  type OtherHost,
  type Ref,
  refTo,
  selfOf,
} from "../../kernel/index.ts";
import { type Errand, isErrand, type Operated } from "../cluster/errand.ts";

export interface BootOutcome {
  readonly vm: number;
  readonly result: BootResult;
  /** When the VM is gone. */
  readonly ended: Promise<ExitReason>;
  /** Another host has booted it, and ends it when its owner does. */
  readonly abroad?: boolean;
}

/** An actor that operators find by name. */
export interface Announced {
  readonly name: string;
  readonly ref: Ref<never>;
}

/** One for each VM that a host may have. */
const announcedMax = 65_535;
const watchersMax = 4096;

/** What other hosts may ask of this one. */
export interface Errands {
  /** Whether a boot of this image needs nothing more. */
  knows(digest: string): boolean;
  /** Never rejects. */
  boot(errand: Errand): Promise<BootOutcome>;
  /** Rejects for what is no image. */
  piece(host: string, digest: string, at: number, total: number, piece: Uint8Array): Promise<number>;
  kill(host: string, vm: number): void;
  /** Never rejects. */
  operate(op: string, args: readonly unknown[]): Promise<Operated>;
}

/** What the host actor asks of the host behind it. */
export interface Toolstack {
  /** `caller` is the VM whose image has the entry. Never rejects. */
  bootFor(caller: number, request: BootRequest, owner: Ref<never>): Promise<BootOutcome>;
  /** Ends a VM in an orderly way: its root is asked, and has some time. */
  retire(vm: number): void;
  /** False: that VM is not below the caller's. True also if it is gone. `host`: where it is; "" is here. */
  killFor(caller: number, vm: number, host: string): boolean;
  /** Undefined: it has joined nobody. */
  readonly errands: Errands | undefined;
  /** Those that this one is joined with. */
  readonly otherHosts: readonly OtherHost[];
}

/**
 * The first actor of the host's own VM: boots and kills VMs for whoever asks by message (`HostProtocol`), and ends the VMs of an
 * owner that is gone. It knows who has announced itself and who watches hosts. Actors of other hosts may only look.
 */
export class HostActor extends Behavior {
  readonly stopsAtWait = true;
  private readonly toolstack: Toolstack;
  /** VMs by the monitor on their owner. */
  private readonly owned = new Map<number, { vm: number | undefined; gone: boolean }>();

  /** Who has announced itself, by the monitor on it. */
  private readonly known = new Map<number, Announced>();
  /** Who hears of other hosts, by the monitor on it. */
  private readonly watchers = new Map<number, Ref<HostUp | HostDown>>();
  private cell: Cell | undefined = undefined;

  constructor(toolstack: Toolstack) {
    super("host", undefined);
    this.toolstack = toolstack;
  }

  get announced(): readonly Announced[] {
    return [...this.known.values()];
  }

  override begin(cell: Cell): void {
    this.cell = cell;
    cell.takeArgs();
  }

  /** Another host has come or gone. */
  tell(news: HostUp | HostDown): void {
    for (const to of this.watchers.values()) {
      try {
        if (this.cell !== undefined) selfOf(this.cell).send(to, news);
      } catch {
        // Its mailbox is full, or the way there: it has chosen to be told less.
      }
    }
  }

  override handle(cell: Cell, message: Message): void {
    if (message instanceof CallMessage) {
      this.answer(cell, message);
    } else if (message instanceof DownMessage) this.ownerGone(message);
  }

  override lastWords(): void {}

  private answer(cell: Cell, call: CallMessage): void {
    const { op, args, from } = call;
    if (op === "find")
      return call.reply(this.announced.filter(({ name }) => name === args[0]).map(({ ref }) => ref));
    if (op === "hosts") return call.reply(this.toolstack.otherHosts);
    // What follows is for actors of this host only.
    if (from.host !== "") return this.answerHost(cell, call);
    if (op === "boot") this.boot(cell, call);
    else if (op === "kill") this.kill(call);
    else if (op === "announce") this.announce(cell, call);
    else if (op === "watchHosts") this.watchHosts(cell, call);
    else call.fail("unknown_op", op);
  }

  private boot(cell: Cell, call: CallMessage): void {
    const request = call.args[0];
    if (!isRequest(request)) return call.fail("refused", "bad_request");
    const { from } = call;
    this.bootFor(cell, call, from, this.toolstack.bootFor(from.vm, request, refTo<never>(from)));
  }

  private bootFor(cell: Cell, call: CallMessage, owner: Address, boot: Promise<BootOutcome>): void {
    const watch = monitor(cell.kernel, cell, owner);
    const owned: { vm: number | undefined; gone: boolean } = { vm: undefined, gone: false };
    this.owned.set(watch, owned);
    void boot.then(({ vm, result, ended, abroad = false }) => {
      if (!abroad) owned.vm = vm;
      if (owned.gone && !abroad) this.toolstack.retire(vm);
      call.reply(result);
      void ended.then(() => {
        this.owned.delete(watch);
        demonitor(cell, watch);
      });
    });
  }

  private kill(call: CallMessage): void {
    const [vm, host = ""] = call.args;
    const asked = typeof vm === "number" && typeof host === "string";
    if (asked && this.toolstack.killFor(call.from.vm, vm, host)) call.reply(undefined);
    else call.fail("refused", "not_owned");
  }

  /** For the own VM of another host only: that host answers for its VMs. */
  private answerHost(cell: Cell, call: CallMessage): void {
    const { op, from } = call;
    const { errands } = this.toolstack;
    if (errands === undefined || from.vm !== hostVm) return call.fail("refused", "other_host");
    const [first, at, total, piece] = call.args;
    if (op === "bootFor" && isErrand(first)) {
      const owner = addressOf(first.owner);
      if (!(owner instanceof Address) || owner.host !== from.host) return call.fail("refused", "not_owned");
      if (!errands.knows(first.image)) return call.reply({ type: "image_unknown" });
      return this.bootFor(cell, call, owner, errands.boot(first));
    }
    if (op === "killFor" && typeof first === "number") {
      errands.kill(from.host, first);
      return call.reply(undefined);
    }
    if (op === "operate" && typeof first === "string" && Array.isArray(at)) {
      void errands.operate(first, at).then((result) => call.reply(result));
      return;
    }
    const isPiece = typeof at === "number" && typeof total === "number" && piece instanceof Uint8Array;
    if (op !== "imagePiece" || typeof first !== "string" || !isPiece)
      return call.fail("refused", "other_host");
    void errands.piece(from.host, first, at, total, piece).then(
      (have) => call.reply(have),
      (problem) => call.fail("refused", crashOf(problem)),
    );
  }

  private announce(cell: Cell, call: CallMessage): void {
    const name = call.args[0];
    if (typeof name !== "string" || this.known.size >= announcedMax)
      return call.fail("refused", "bad_request");
    this.known.set(monitor(cell.kernel, cell, call.from), { name, ref: refTo<never>(call.from) });
    call.reply(undefined);
  }

  private watchHosts(cell: Cell, call: CallMessage): void {
    const to = call.args[0];
    const { home } = call.from;
    if (!(to instanceof Address) || to.home !== home || this.watchers.size >= watchersMax)
      return call.fail("refused", "bad_request");
    this.watchers.set(monitor(cell.kernel, cell, to), refTo<HostUp | HostDown>(to));
    call.reply(this.toolstack.otherHosts);
  }

  private ownerGone(down: DownMessage): void {
    this.known.delete(down.monitor);
    this.watchers.delete(down.monitor);
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
