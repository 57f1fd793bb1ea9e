import type { Blank } from "../targets/target.ts";

/** From being made until it is ready, in ms: a program's top level may never end. */
const readyWithinMs = 10_000;

/** Blanks of one kind that are ready to be used. It makes one when it is told to, and says when one has ended that nobody has taken. */
export class Stock {
  private readonly make: () => Blank;
  private readonly onLost: () => void;
  private readonly blanks = new Set<Blank>();
  private closed = false;

  constructor(make: () => Blank, onLost: () => void) {
    this.make = make;
    this.onLost = onLost;
  }

  get count(): number {
    return this.blanks.size;
  }

  /** From here on it is the taker's. Undefined: there is none. */
  take(): Blank | undefined {
    const [blank] = this.blanks;
    if (blank !== undefined) this.blanks.delete(blank);
    return blank;
  }

  /** One more, once it is ready. Rejects, and nothing of it is left, if it does not get so far. */
  async add(): Promise<void> {
    const blank = this.make();
    await readyOf(blank);
    if (this.closed) return blank.close();
    this.blanks.add(blank);
    void blank.ended.then(() => {
      if (this.blanks.delete(blank)) this.onLost();
    });
  }

  /** Ends those above that number. */
  async shrink(count: number): Promise<void> {
    const surplus = [...this.blanks].slice(count);
    for (const blank of surplus) this.blanks.delete(blank);
    await Promise.all(surplus.map((blank) => blank.close()));
  }

  /** Also one that is being made ends. */
  async close(): Promise<void> {
    this.closed = true;
    await this.shrink(0);
  }
}

async function readyOf(blank: Blank): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(new Error(`a blank was not ready within ${readyWithinMs} ms`));
    timer = setTimeout(fail, readyWithinMs);
  });
  try {
    await Promise.race([blank.ready, late]);
  } catch (problem) {
    await blank.close();
    throw problem;
  } finally {
    clearTimeout(timer);
  }
}
