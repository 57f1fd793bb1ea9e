import type { IncomingMessage, ServerResponse } from "node:http";
import {
  actor,
  crashOf,
  shutdown,
  type Caller,
  type Exit,
  type ExitReason,
  type Ref,
  type Self,
  type TimerRef,
} from "../../kernel/index.ts";
import { doorError } from "./errors.ts";
import { requestHeaders, responseHeaders } from "./http-head.ts";
import type { HttpLimits } from "./http-limits.ts";
import type { HttpExchange, HttpHead, HttpRequest, HttpResponse, HttpService } from "./http-protocol.ts";
import { Inflow, plain } from "./inflow.ts";
import { Outflow } from "./outflow.ts";
import { late, refusalOf, type Refusal } from "./refusal.ts";

/** A request as the door hands it over. */
export interface Arrival {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: string;
  readonly to: Ref<HttpService>;
  readonly limits: HttpLimits;
  /** The client waits to be told that it may send its body. */
  readonly expectsContinue: boolean;
  readonly door: {
    /** It is about to end: no connection is kept for another request. */
    readonly closing: boolean;
    /** Called once, when there is nothing left to do for this one. */
    left(): void;
  };
}

interface Late {
  readonly type: "late";
}
type Own = HttpExchange | Late;

/**
 * One request and its answer, as an actor: it makes the call to the service, is what the service reads a long body from and
 * streams a long answer to, and ends with the answer, or when the client goes away; with it ends what is linked to it.
 */
export const exchange = actor({
  label: "exchange",
  init: (self: Self<Own>, arrival: Arrival) => {
    self.trapExits();
    return new Exchange(self, arrival);
  },
  call: {
    read(state) {
      const caller = this.caller<Uint8Array | null>();
      state.read(caller);
      return caller.later;
    },
    begin(state, head: HttpHead) {
      const caller = this.caller<undefined>();
      state.begin(caller, head);
      return caller.later;
    },
    write(state, chunk: string | Uint8Array) {
      const caller = this.caller<undefined>();
      state.write(caller, chunk);
      return caller.later;
    },
  },
  info: {
    late: (state, _message: Late) => state.refuse(late),
    exit: (state, message: Exit) => state.lost(message.reason),
  },
  terminate: (state) => state.close(),
});

class Exchange {
  private readonly self: Self<Own>;
  private readonly arrival: Arrival;
  private stage: "asked" | "streaming" | "answered" = "asked";
  private inflow: Inflow | undefined = undefined;
  private outflow: Outflow | undefined = undefined;
  private deadline: TimerRef = noTimer;

  constructor(self: Self<Own>, arrival: Arrival) {
    this.self = self;
    this.arrival = arrival;
    const { incoming, response } = arrival;
    response.on("close", this.gone);
    // What was written to a client that has just gone: `close` follows.
    response.on("error", ignored);
    const { "content-length": length, "transfer-encoding": coding } = incoming.headers;
    if (coding === undefined && (length === undefined || length === "0")) this.ask(none);
    else this.takeBody(length === undefined ? undefined : Number(length));
  }

  read(caller: Caller<Uint8Array | null>): void {
    if (this.inflow === undefined) return caller.reply(null);
    this.inflow.read(caller);
  }

  begin(caller: Caller<undefined>, head: HttpHead): void {
    if (this.stage !== "asked") return misused(caller, "EXCHANGE_BEGUN", "begin");
    // An actor must not spoil the connection for the request after its own.
    this.arrival.response.strictContentLength = true;
    if (!this.head(head, undefined)) return caller.fail("its answer is not valid");
    this.stage = "streaming";
    caller.reply(undefined);
  }

  write(caller: Caller<undefined>, chunk: string | Uint8Array): void {
    if (this.stage !== "streaming") return misused(caller, "EXCHANGE_NOT_BEGUN", "write");
    this.outflow ??= new Outflow(this.arrival.response);
    try {
      if (!this.outflow.write(caller, chunk)) caller.fail("too many unconfirmed writes");
    } catch (problem) {
      caller.fail(crashOf(problem));
      this.invalid(String(problem));
    }
  }

  /** What is linked to it has ended. An orderly end may come before the answer that it gave. */
  lost(reason: ExitReason): void {
    if (reason !== "normal") this.refuse({ status: 503, text: "the service broke off", retryAfterMs: 1000 });
  }

  /** The door's own answer; once the service's has begun, the connection is cut. */
  refuse({ status, text, retryAfterMs }: Refusal): void {
    const { response, incoming } = this.arrival;
    if (this.stage === "answered") return;
    // Too late to tell the client in words.
    if (this.stage === "streaming") return void response.destroy();
    const retry = retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) };
    // What the client still sends of its body is not wanted: the connection ends with this answer.
    if (!incoming.complete) response.shouldKeepAlive = false;
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...retry });
    this.stage = "answered";
    response.end(`${text}\n`);
  }

  close(): void {
    const { response, door } = this.arrival;
    if (!response.closed) response.destroy();
    door.left();
  }

  /** Up to `inlineBytesMax` it is taken as a whole, so that a slow client does not keep the service waiting. */
  private takeBody(length: number | undefined): void {
    const { incoming, response, limits, expectsContinue } = this.arrival;
    if (length !== undefined && length > limits.bodyBytesMax) return this.refuse(tooLong);
    if (expectsContinue) response.writeContinue();
    if (length !== undefined && length > limits.inlineBytesMax) return this.stream();
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= limits.inlineBytesMax) return;
      incoming.off("data", take).off("end", whole).pause();
      incoming.unshift(Buffer.concat(chunks, bytes));
      this.stream();
    };
    const whole = (): void => {
      const [only] = chunks;
      this.ask(plain(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes)));
    };
    incoming.on("data", take).once("end", whole);
  }

  private stream(): void {
    const { incoming, limits } = this.arrival;
    this.inflow = new Inflow(incoming, limits.bodyBytesMax, () => this.refuse(tooLong));
    this.ask(undefined);
  }

  private ask(body: Uint8Array | undefined): void {
    const { self } = this;
    const { incoming, url, to, limits } = this.arrival;
    const request: HttpRequest = {
      method: incoming.method ?? "GET",
      url,
      headers: requestHeaders(incoming.headers),
      remoteAddress: incoming.socket.remoteAddress ?? "",
      body,
      exchange: self.ref,
    };
    this.deadline = self.sendAfter(limits.answerTimeoutMs, self.ref, { type: "late" });
    self.callWithin(Infinity, to, "request", request).then(this.answered, this.failed);
  }

  private readonly answered = (answer: HttpResponse | "streamed"): void => {
    if (this.stage === "answered") return;
    try {
      if (answer === "streamed") this.endStream();
      else this.whole(answer);
    } catch (problem) {
      this.invalid(String(problem));
    }
  };

  private endStream(): void {
    if (this.stage !== "streaming") throw new TypeError('it answered "streamed" and has begun no answer');
    this.arrival.response.end();
    this.stage = "answered";
  }

  private whole(answer: HttpResponse): void {
    if (this.stage !== "asked") throw new TypeError("it streamed one answer and gave another");
    const { body = "" } = answer;
    const isText = typeof body === "string";
    if (!isText && !(body instanceof Uint8Array)) throw new TypeError("its body is no text and no bytes");
    if (!this.head(answer, isText ? Buffer.byteLength(body) : body.length)) return;
    this.stage = "answered";
    this.arrival.response.end(body);
  }

  private readonly failed = (problem: unknown): void => this.refuse(refusalOf(problem));

  /** `bytes` of its body; undefined: it will be streamed. False: it was not valid, and the client was told. */
  private head({ status = 200, headers }: HttpHead, bytes: number | undefined): boolean {
    const { response, incoming, door } = this.arrival;
    // What a body that nobody has read to its end still brings would have to be read before the next request.
    if (door.closing || !incoming.complete) response.shouldKeepAlive = false;
    // These have no body; what it would have been long is the service's to say.
    const bare = status === 304 || status === 204 || (incoming.method === "HEAD" && bytes === 0);
    try {
      response.writeHead(checked(status), responseHeaders(headers, bare ? undefined : bytes));
    } catch (problem) {
      this.invalid(String(problem));
      return false;
    }
    this.self.cancel(this.deadline);
    return true;
  }

  /** A mistake of the service: told to whoever reads the log, and not to the client. */
  private invalid(what: string): void {
    const { incoming, url, to } = this.arrival;
    console.error(`door: the answer of ${to.toString()} to ${incoming.method} ${url} is not valid: ${what}`);
    this.refuse({ status: 502, text: "the service gave no valid answer" });
  }

  private readonly gone = (): void => {
    const { writableFinished } = this.arrival.response;
    this.self.stop(writableFinished ? "normal" : shutdown("the client went away"));
  };
}

const noTimer: TimerRef = { pending: false };
const none = new Uint8Array(0);
const tooLong: Refusal = { status: 413, text: "the body of this request is longer than may be" };

const ignored = (): void => {};

function misused(
  caller: Caller<undefined>,
  code: "EXCHANGE_BEGUN" | "EXCHANGE_NOT_BEGUN",
  what: string,
): void {
  caller.fail(crashOf(doorError(code, { what })));
}

/** A final one: the others are the door's own business. */
function checked(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new RangeError(`its status is ${status}`);
}
