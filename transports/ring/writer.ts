/**
 * The producer's side of a ring: claims space, fills it, publishes a batch at a time. It owns the tail; it believes nothing that
 * the consumer wrote before it is checked; it never waits and never wakes, it only says that the consumer wants to be woken.
 */
import { assert } from "../../kernel/index.ts";
import { transportError } from "../errors.ts";
import { ringWord } from "./layout.ts";
import { maxBodyBytesOf, paddingLength, recordBytes, recordHeaderBytes } from "./record.ts";
import type { Ring } from "./ring.ts";
import { WordView } from "./word-view.ts";

export class RingWriter {
  /** The ring's data; a body's offset counts from its start. */
  readonly bytes: Uint8Array;
  /** The same as 32-bit words: a body starts at word `offset >> 2`. */
  readonly words: Int32Array;
  readonly capacityBytes: number;
  /** The longest body: a quarter of the capacity. */
  readonly maxBodyBytes: number;
  readonly generation: number;
  private readonly header: Int32Array;
  /** Ours: after the last committed record. Indices are signed here, and their differences wrap like unsigned ones. */
  private tail: number;
  private published: number;
  /** The consumer's, as we last saw it. */
  private head: number;
  /** Body bytes of the open claim, -1 if there is none. */
  private reserved = -1;
  private padding = 0;
  private waiting: boolean;
  private shut = false;
  private readonly source: WordView = new WordView();

  /** Throws `RING_CORRUPT` if the indices in the header cannot be true. */
  constructor(ring: Ring) {
    this.header = ring.header;
    this.bytes = ring.bytes;
    this.words = ring.words;
    this.capacityBytes = ring.capacityBytes;
    this.maxBodyBytes = maxBodyBytesOf(ring.capacityBytes);
    this.generation = ring.generation;
    this.tail = Atomics.load(ring.header, ringWord.tail);
    if ((this.tail & 7) !== 0) throw this.corrupt("tail", this.tail, "a multiple of 8");
    this.published = this.tail;
    // A predecessor may have died waiting.
    this.waiting = Atomics.load(ring.header, ringWord.producerWaiting) !== 0;
    this.head = (this.tail - ring.capacityBytes) | 0;
    this.readHead();
  }

  /**
   * Claims a contiguous body of this many bytes and returns its offset in `bytes`, a multiple of 8; -1 if there is no room now.
   * A claim that is not committed leaves no trace, and the next one replaces it.
   * Throws `RING_RECORD_TOO_LARGE`, `RING_CORRUPT`, `RING_CLOSED`.
   *
   * Ordering: the consumer's head is loaded (sequentially consistent) before the space that it gave back is overwritten; this
   * pairs with the store of head in `RingReader.publish`. It is loaded only when the ring looks full.
   */
  reserve(bodyBytes: number): number {
    if (!(bodyBytes >= 0 && bodyBytes <= this.maxBodyBytes)) throw this.tooLarge(bodyBytes);
    const needed = recordBytes(bodyBytes);
    const at = this.tail & (this.capacityBytes - 1);
    const untilEnd = this.capacityBytes - at;
    const padding = needed <= untilEnd ? 0 : untilEnd;
    if (padding + needed > this.knownFree() && !this.roomFor(padding + needed)) return -1;
    if (this.waiting) this.setWaiting(false);
    this.reserved = bodyBytes;
    this.padding = padding;
    return (padding === 0 ? at : 0) + recordHeaderBytes;
  }

  /** Ends the claim with a record of this many bytes, at most what was claimed. The consumer sees it after `publish`. */
  commit(bodyBytes: number): void {
    assert(bodyBytes >= 0 && bodyBytes <= this.reserved, "a ring record is committed within its claim");
    let at = this.tail & (this.capacityBytes - 1);
    if (this.padding !== 0) {
      this.putHeader(at, paddingLength);
      this.tail = (this.tail + this.padding) | 0;
      at = 0;
    }
    this.putHeader(at, bodyBytes);
    this.tail = (this.tail + recordBytes(bodyBytes)) | 0;
    this.reserved = -1;
  }

  /** Copies the first `length` bytes of `source` into a record of its own. False if there is no room now. Throws as `reserve`. */
  write(source: Uint8Array, length: number = source.length): boolean {
    assert(length <= source.length, "a ring record is written from that many bytes");
    const offset = this.reserve(length);
    if (offset < 0) return false;
    this.source.copyIn(source, length, this.bytes, this.words, offset);
    this.commit(length);
    return true;
  }

  /**
   * Hands all committed records to the consumer, once for the batch. True if the consumer sleeps and must be woken.
   *
   * Ordering: record bodies are stored plainly, then tail, sequentially consistent; this pairs with the reader's load of tail.
   * Then the asleep flag is loaded; the reader stores it before it looks at tail a last time (`RingReader.prepareSleep`). All
   * four are in one total order, so either the reader sees the records or we see that it sleeps.
   */
  publish(): boolean {
    if (this.tail === this.published) return false;
    this.published = this.tail;
    Atomics.store(this.header, ringWord.tail, this.tail);
    return Atomics.load(this.header, ringWord.consumerAsleep) !== 0;
  }

  /**
   * Asks to be woken when half the ring is free. True: a body of this many bytes does not fit, wait. False: look again, there is
   * room, or the peer has closed. What was committed must be published before, or both sides would wait for each other.
   *
   * Ordering: the waiting flag is stored, then head loaded; the reader stores head, then loads the flag (`RingReader.publish`).
   * The flag is taken back by the first claim that finds room.
   */
  waitForSpace(bodyBytes: number): boolean {
    assert(this.tail === this.published, "a ring is published before its writer waits for space");
    this.setWaiting(true);
    if (this.reserve(bodyBytes) < 0 && !this.peerClosed) return true;
    this.reserved = -1;
    this.setWaiting(false);
    return false;
  }

  /** Bytes not in use, now; a record also takes 8 bytes for its header and what is left before the end. Throws `RING_CORRUPT`. */
  get freeBytes(): number {
    this.readHead();
    return this.knownFree();
  }

  /**
   * Publishes what is committed and says that nothing follows. True if the consumer sleeps and must be woken. From here on a
   * claim throws `RING_CLOSED`.
   *
   * Ordering: tail is stored before the closed word, so a reader that loads closed and then tail knows all there will be.
   */
  close(): boolean {
    this.publish();
    this.shutDown();
    return Atomics.load(this.header, ringWord.consumerAsleep) !== 0;
  }

  /** True once this side was closed, by `close` or because the peer broke the protocol. */
  get closed(): boolean {
    return this.shut;
  }

  /** True once the consumer has closed: what is written is for nobody. One load. */
  get peerClosed(): boolean {
    return Atomics.load(this.header, ringWord.closedByConsumer) !== 0;
  }

  /** Says that this side lives; for peers that no watchdog sees. */
  beat(): void {
    Atomics.store(this.header, ringWord.producerBeat, Atomics.load(this.header, ringWord.producerBeat) + 1);
  }

  /** The consumer's count of beats. Only that it changes means something. */
  get peerBeat(): number {
    return Atomics.load(this.header, ringWord.consumerBeat);
  }

  private knownFree(): number {
    return this.capacityBytes - ((this.tail - this.head) | 0);
  }

  private putHeader(at: number, length: number): void {
    this.words[at >> 2] = length;
    this.words[(at >> 2) + 1] = this.tail;
  }

  private roomFor(bytes: number): boolean {
    if (this.shut) throw transportError("RING_CLOSED", { side: "writer" });
    this.readHead();
    return bytes <= this.knownFree();
  }

  /** Head may only have moved on, and never past what the consumer could see. */
  private readHead(): void {
    if (this.shut) return;
    const head = Atomics.load(this.header, ringWord.head);
    const unread = (this.published - head) | 0;
    if ((head & 7) !== 0) throw this.corrupt("head", head, "a multiple of 8");
    if (unread < 0 || unread > ((this.published - this.head) | 0)) {
      throw this.corrupt("head", head, `an index from ${this.head} to the tail, ${this.published}`);
    }
    this.head = head;
  }

  private setWaiting(on: boolean): void {
    this.waiting = on;
    Atomics.store(this.header, ringWord.producerWaiting, on ? 1 : 0);
  }

  private shutDown(): void {
    this.shut = true;
    this.reserved = -1;
    // Looks full from here on, so that a claim takes the slow way, which refuses it.
    this.head = (this.tail - this.capacityBytes) | 0;
    Atomics.store(this.header, ringWord.closedByProducer, 1);
  }

  private corrupt(word: string, value: number, expected: string): Error {
    this.shutDown();
    return transportError("RING_CORRUPT", { side: "writer", word, value, expected });
  }

  private tooLarge(bodyBytes: number): Error {
    return transportError("RING_RECORD_TOO_LARGE", { bodyBytes, maxBodyBytes: this.maxBodyBytes });
  }
}
