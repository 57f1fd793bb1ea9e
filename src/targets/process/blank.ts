import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { assert } from "../../../kernel/index.ts";
import type { AnyImage } from "../../image/image.ts";
import { BlankWords } from "../blank-words.ts";
import { confinementOf } from "../confine.ts";
import type { Blank, BlankSpec, Program } from "../target.ts";
import { heapFlag } from "./compiled-form.ts";
import { permissionFlags } from "./permission-flags.ts";
import {
  type ChildOptions,
  type ChildProgram,
  guestFd,
  type ProcessGuestOptions,
  type ToBlankProcess,
  type ToProcessGuest,
} from "./protocol.ts";
import { sandboxOf } from "./sandbox.ts";
import type { ShmCommons } from "./shm-commons.ts";
import { starter } from "./starter.ts";
import { asLine, fromLine, TextLines } from "./text-lines.ts";

/** Who hears what a child says: its VM. */
export interface ChildListener {
  printed(line: string): void;
  complained(line: string): void;
  told(message: unknown): void;
}

/** Of what one without a VM says, in characters; one that says more is ended. */
const earlyMax = 65_536;

/**
 * A process that waits to become a VM. The flags that Node was started with cannot be changed later: they are those of VMs that start no
 * process, unless `spec` says otherwise. All else is told it line by line, and its sandbox is entered before anything of a program runs.
 */
export class BlankProcess implements Blank {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  private readonly commons: ShmCommons;
  private readonly memoryMb: number;
  private readonly primed: boolean;
  private image: AnyImage | undefined = undefined;
  private early: ((listener: ChildListener) => void)[] = [];
  private earlyCharacters = 0;
  private listener: ChildListener | undefined = undefined;

  /** `image`: the only one that it will boot, if that is known; then it need not look for it. */
  constructor({ memoryMb, spawns, program }: BlankSpec, commons: ShmCommons, image?: AnyImage) {
    this.commons = commons;
    this.memoryMb = memoryMb;
    this.primed = program !== undefined;
    const flags = [...permissionFlags(process.version, spawns), heapFlag(memoryMb)];
    const options: ChildOptions = { addonPath: commons.addonPath, hostPid: process.pid };
    const inherited = image === undefined ? [] : [commons.image(image).fd];
    this.child = spawn(process.execPath, [...flags, "-e", starter, JSON.stringify(options)], {
      cwd: "/",
      env: {},
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", ...inherited],
    });
    const { child } = this;
    this.ended = new Promise((resolve) => {
      child.once("close", () => resolve());
      child.once("error", () => child.pid === undefined && resolve());
    });
    this.ready = new Promise((resolve, reject) => {
      const words = new BlankWords(this.primed);
      this.listen(child.stdio[guestFd.toHost], (line) => {
        const message = fromLine(line);
        if (!words.take(message, resolve)) this.say(line, (listener) => listener.told(message));
      });
      child.once("error", reject);
      child.once("close", () => reject(new Error("a process ended before it was used")));
    });
    // Whoever boots at once does not wait for it, and hears of its end as of any other's.
    this.ready.catch(() => {});
    this.listen(child.stdout, (line) => this.say(line, (listener) => listener.printed(line)));
    this.listen(child.stderr, (line) => this.say(line, (listener) => listener.complained(line)));
    // It ended before it read all: its exit says so.
    child.stdio[guestFd.fromHost]?.on("error", () => {});
    if (image !== undefined) this.read(image, true);
    if (program === undefined) return;
    this.load(program.image);
    this.tell({ type: "prime", program: this.programOf(program) });
  }

  load(image: AnyImage): void {
    this.read(image, false);
  }

  /** What it boots; one that is primed has the program already. From here on it is the VM's. */
  start(program: Program, options: ProcessGuestOptions, listener: ChildListener): void {
    if (program.image !== this.image) this.load(program.image);
    const told = this.primed ? undefined : this.programOf(program);
    this.tell({ type: "boot", program: told, options });
    this.listener = listener;
    for (const say of this.early.splice(0)) say(listener);
  }

  tell(message: ToBlankProcess | ToProcessGuest): void {
    const line = asLine(message);
    assert(line !== undefined, "what a host tells a child is short, and data");
    // Sound: it was asked for as a pipe, and is there even if the child is not.
    (this.child.stdio[guestFd.fromHost] as Writable | null)?.write(`${line}\n`);
  }

  async close(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  private read(image: AnyImage, inherited: boolean): void {
    this.image = image;
    const { file, codeBytes, cachedBytes } = this.commons.image(image);
    const script = { path: image.path, codeBytes, cachedBytes, file: inherited ? undefined : file };
    this.tell({ type: "load", script });
  }

  private programOf({ image, devices }: Program): ChildProgram {
    return {
      path: image.path,
      confinement: devices === undefined ? undefined : confinementOf(devices),
      sandbox: sandboxOf(this.memoryMb, devices, this.commons.folder),
    };
  }

  private say(line: string, say: (listener: ChildListener) => void): void {
    if (this.listener !== undefined) return say(this.listener);
    this.earlyCharacters += line.length;
    if (this.earlyCharacters > earlyMax) this.child.kill("SIGKILL");
    else this.early.push(say);
  }

  private listen(pipe: unknown, hear: (line: string) => void): void {
    const lines = new TextLines(hear);
    // Sound: as above. None if there was no child.
    const readable = pipe as Readable | null | undefined;
    readable?.on("data", (bytes: Buffer) => lines.push(bytes));
    readable?.on("error", () => lines.end());
    readable?.on("end", () => lines.end());
  }
}
