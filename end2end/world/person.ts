// Somebody with an account, and what the program has stored for them.
import { type BrowserContext, expect } from '@playwright/test';

export interface StoredMessage {
  role: 'user' | 'assistant';
  message: string;
  status: string;
}

let count = 0;

export class Person {
  readonly password = 'a few words in a row';

  private constructor(
    private readonly url: string,
    readonly email: string,
    private readonly token: string,
  ) {}

  /** A name nobody has yet. */
  static freshEmail(): string {
    count += 1;
    return `reader-${process.pid}-${count}@example.org`;
  }

  /** Signs up without a page: for stories that begin later. */
  static async signUp(url: string): Promise<Person> {
    return this.enter(url, '/auth/register', this.freshEmail());
  }

  /** Somebody whom the page itself has signed up. */
  static async known(url: string, email: string): Promise<Person> {
    return this.enter(url, '/auth/login', email);
  }

  private static async enter(url: string, path: string, email: string): Promise<Person> {
    const person = new Person(url, email, '');
    const { access_token } = await (await person.post(path)).json();
    return new Person(url, email, access_token);
  }

  /** Signs a browser in, as its sign-in page would. */
  async comesTo(context: BrowserContext, url = this.url): Promise<void> {
    const answer = await context.request.post(`${url}/auth/login`, {
      data: { email: this.email, password: this.password },
      headers: { origin: url },
    });
    expect(answer.status(), await answer.text()).toBe(200);
  }

  /** A user's JWT, as the seed's client has it. */
  get jwt(): string {
    return this.token;
  }

  /** The id of the chatbot with this name. */
  async chatbot(name: string): Promise<string> {
    const bots = await this.get<{ id: string; name: string }[]>('/chatbot');
    return bots.find((bot) => bot.name === name)!.id;
  }

  /** What is stored of the conversation that a page shows at this address. */
  async stored(pageUrl: string): Promise<StoredMessage[]> {
    const id = /\/c\/([0-9a-f-]+)/.exec(pageUrl)![1];
    return (await this.get<{ messages: StoredMessage[] }>(`/conversation/${id}`)).messages;
  }

  /** The list of conversations, as the API gives it. */
  async conversations(): Promise<{ id: string; title: string }[]> {
    return (await this.get<{ conversations: { id: string; title: string }[] }>('/conversation')).conversations;
  }

  /** Any request with JSON, as this person. */
  async send<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
    return (await answer.json()) as T;
  }

  /** Gives documents to a chatbot of theirs: names and what the files say. */
  async upload(bot: string, files: Record<string, string>): Promise<void> {
    const form = new FormData();
    for (const [name, text] of Object.entries(files)) form.append('file', new Blob([text]), name);
    const answer = await fetch(`${this.url}/chatbot/${bot}/document`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}` },
      body: form,
    });
    expect(answer.status, await answer.text()).toBe(202);
  }

  private async get<T>(path: string): Promise<T> {
    const answer = await fetch(this.url + path, { headers: { authorization: `Bearer ${this.token}` } });
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as T;
  }

  private async post(path: string): Promise<Response> {
    const answer = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.url },
      body: JSON.stringify({ email: this.email, password: this.password }),
    });
    expect(answer.ok, `${path}: ${answer.status}`).toBe(true);
    return answer;
  }
}
