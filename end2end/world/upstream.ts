// A model that says what the story wants, when it wants: an OpenAI-compatible server.
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Turn {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** One answer that the program asked for. */
export class Answer {
  /** Resolves when the program hangs up before the answer is at its end. */
  readonly hungUp: Promise<void>;
  /** What was said so far. */
  said = '';

  constructor(
    /** The conversation that the program sent. */
    readonly turns: Turn[],
    private readonly response: ServerResponse,
  ) {
    this.hungUp = new Promise((resolve) => {
      response.on('close', () => {
        if (!response.writableFinished) resolve();
      });
    });
  }

  /** What was asked. */
  get prompt(): string {
    return this.turns.at(-1)?.content ?? '';
  }

  /** Says some more, one delta each. */
  say(...deltas: string[]): void {
    for (const content of deltas) {
      this.said += content;
      this.event({ choices: [{ index: 0, delta: { content } }] });
    }
  }

  /** Says a word every 20 ms, numbered, until it is told to stop or is hung up on. Gives what was said by when. */
  talk(): Talk {
    const log: { at: number; said: string }[] = [];
    const timer = setInterval(() => {
      this.say(`w${log.length + 1} `);
      log.push({ at: Date.now(), said: this.said });
    }, 20);
    const stop = () => clearInterval(timer);
    this.response.on('close', stop);
    return { stop, saidAt: (time) => log.findLast(({ at }) => at <= time)?.said ?? '' };
  }

  /** Says the end. */
  finish(): void {
    this.event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    this.response.end('data: [DONE]\n\n');
  }

  /** Answers with an error instead, as providers do. */
  refuse(status: number, message: string): void {
    this.response.writeHead(status, { 'content-type': 'application/json' });
    this.response.end(JSON.stringify({ error: { message, type: 'invalid_request_error' } }));
  }

  /** Breaks off, as a server does that dies. */
  breakOff(): void {
    this.response.destroy();
  }

  private event(data: object): void {
    if (!this.response.headersSent) this.response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.response.write(`data: ${JSON.stringify({ object: 'chat.completion.chunk', ...data })}\n\n`);
  }
}

export interface Talk {
  stop(): void;
  /** All that had been said at this time. */
  saidAt(time: number): string;
}

export class Upstream {
  private readonly server: Server;
  private readonly arrived: Answer[] = [];
  private readonly awaiting: ((answer: Answer) => void)[] = [];
  /** Answers that no story waits for are given at once, with the text that this says for their prompt. */
  private readonly always: (prompt: string) => string | null;

  private constructor(always: (prompt: string) => string | null) {
    this.always = always;
    this.server = createServer((request, response) => void this.take(request, response));
  }

  /** A model that says nothing by itself: each story takes its answers by `next`. */
  static async start(always: string | null | ((prompt: string) => string | null) = null): Promise<Upstream> {
    const upstream = new Upstream(typeof always === 'function' ? always : () => always);
    upstream.server.listen(0, '127.0.0.1');
    await once(upstream.server, 'listening');
    return upstream;
  }

  /** For `PARLANCE_OPENAI_URL`. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** The next answer that is asked for. */
  async next(): Promise<Answer> {
    const there = this.arrived.shift();
    return there ?? new Promise((resolve) => this.awaiting.push(resolve));
  }

  /** Says this as the whole next answer. */
  async answer(...deltas: string[]): Promise<void> {
    const answer = await this.next();
    answer.say(...deltas);
    answer.finish();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      response.writeHead(404).end();
      return;
    }
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    const answer = new Answer((JSON.parse(body) as { messages: Turn[] }).messages, response);
    const always = this.always(answer.prompt);
    if (always !== null) {
      answer.say(...always.split(/(?<= )/));
      answer.finish();
      return;
    }
    const waiting = this.awaiting.shift();
    if (waiting) waiting(answer);
    else this.arrived.push(answer);
  }
}
