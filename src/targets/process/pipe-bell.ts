import type { ConnectOpts, Socket, SocketConstructorOpts } from "node:net";
import type { Bell } from "../doorbell.ts";

/** Whether a process lives for as long as one of its vCPUs waits. */
export type Waiting = "holds the loop" | "lets the loop end";

/** What is used of Node: handed in, since a program in a VM cannot be given all of it. */
export interface PipeCalls {
  readonly writeSync: typeof import("node:fs").writeSync;
  readonly Socket: typeof import("node:net").Socket;
}

const oneByte = Uint8Array.of(1);

/**
 * Wakes a sleeping vCPU of another process: one byte through a named pipe, and only if nobody has rung since it went to sleep.
 * Over one word of shared memory, 1 after somebody rang; loads and stores only, in the order that `Doorbell` tells.
 *
 * Two that ring at once may both write, and a byte may be left over from an earlier sleep: a wake-up without need, as is allowed.
 * One that sees the word still set from before `arm` has published before it looked, so the sleeper finds it in its last look.
 */
export class PipeBell implements Bell {
  private readonly words: Int32Array;
  private readonly index: number;
  /** The pipe, open for reading and writing: so there is no end of it, and no wait for the other side. */
  private readonly fd: number;
  private readonly waiting: Waiting;
  private readonly calls: PipeCalls;
  private socket: Socket | undefined = undefined;
  private woken: (() => void) | undefined = undefined;

  constructor(words: Int32Array, index: number, fd: number, waiting: Waiting, calls: PipeCalls) {
    this.waiting = waiting;
    this.calls = calls;
    this.words = words;
    this.index = index;
    this.fd = fd;
  }

  ring(): void {
    if (Atomics.load(this.words, this.index) !== 0) return;
    Atomics.store(this.words, this.index, 1);
    try {
      this.calls.writeSync(this.fd, oneByte);
    } catch (problem) {
      // The pipe is full of wake-ups.
      if ((problem as NodeJS.ErrnoException).code !== "EAGAIN") throw problem;
    }
  }

  arm(): void {
    Atomics.store(this.words, this.index, 0);
  }

  wait(woken: () => void): boolean {
    this.woken = woken;
    this.socket ??= this.listen();
    return Atomics.load(this.words, this.index) !== 0;
  }

  /** Only the one who waits reads: a pipe has one reader. */
  private listen(): Socket {
    const callback = (): boolean => {
      this.woken?.();
      return true;
    };
    // `onread` is the constructor's too, though its type does not say so.
    const options: SocketConstructorOpts & Pick<ConnectOpts, "onread"> = {
      fd: this.fd,
      readable: true,
      writable: false,
      onread: { buffer: new Uint8Array(64), callback },
    };
    const socket = new this.calls.Socket(options);
    return this.waiting === "lets the loop end" ? socket.unref() : socket;
  }

  /** Nobody waits here any more. True: the pipe is closed with it. */
  close(): boolean {
    this.woken = undefined;
    this.socket?.destroy();
    return this.socket !== undefined;
  }
}
