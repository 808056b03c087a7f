// The pages as their readers see them: by roles and labels, and by the marks that the app makes for tests.
import { type Locator, type Page, expect } from '@playwright/test';

/** Opens an address and waits until the page is awake: before that, buttons do nothing. */
export async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await awake(page);
}

export async function awake(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', '');
}

/** Waits until the page has drawn what it knows by now. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  });
}

/** What the page has to say: places for it wait in it, empty. */
export function alert(page: Page): Locator {
  return page.getByRole('alert').filter({ hasText: /\S/ });
}

/** Signing up and signing in. */
export class Doorway {
  readonly email: Locator;
  readonly password: Locator;
  readonly problem: Locator;

  constructor(readonly page: Page) {
    this.email = page.getByLabel('E-mail');
    this.password = page.getByLabel('Password');
    // Above the form, or beside the field that it is about.
    this.problem = alert(page).or(page.locator('.field__wrong'));
  }

  async signUp(email: string, password: string): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.page.getByRole('button', { name: 'Create account' }).click();
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }
}

/** A chatbot's documents. */
export class Documents {
  readonly chooser: Locator;
  readonly lines: Locator;

  constructor(readonly page: Page) {
    // Without scripts there is another one in its place.
    this.chooser = page.getByLabel('Choose files').filter({ visible: true });
    this.lines = page.getByRole('list', { name: 'Documents' }).getByRole('listitem');
  }

  line(name: string): Locator {
    return this.lines.filter({ hasText: name });
  }

  async give(...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    await this.chooser.setInputFiles(files);
  }

  async expectReady(name: string, timeout = 60_000): Promise<void> {
    await expect(this.line(name)).toHaveAttribute('data-state', 'ready', { timeout });
  }

  get question(): Locator {
    return this.page.getByRole('dialog');
  }
}

/** Home: the chatbots. */
export class Picker {
  readonly heading: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { name: 'Who would you like to talk with?' });
  }

  card(name: string): Locator {
    return this.page.getByRole('main').getByRole('link', { name });
  }

  async choose(name: string): Promise<Chat> {
    await this.card(name).click();
    const chat = new Chat(this.page);
    await expect(chat.heading).toHaveText(name);
    await awake(this.page);
    return chat;
  }
}

/** One chat. */
export class Chat {
  readonly heading: Locator;
  readonly composer: Locator;
  readonly send: Locator;
  readonly stop: Locator;
  readonly messages: Locator;
  readonly answers: Locator;
  readonly answer: Locator;
  readonly prompts: Locator;
  readonly history: Locator;
  private readonly root: Locator;

  constructor(readonly page: Page) {
    this.root = page.locator('main[data-connection]');
    this.heading = page.getByRole('main').getByRole('heading', { level: 1 });
    this.composer = page.getByRole('textbox', { name: /^Message / });
    this.send = page.getByRole('button', { name: 'Send', exact: true });
    this.stop = page.getByRole('button', { name: 'Stop', exact: true });
    this.messages = page.getByRole('log').getByRole('article');
    this.answers = page.locator('article[data-role="assistant"]');
    this.answer = this.answers.last();
    this.prompts = page.locator('article[data-role="user"]');
    this.history = page.getByRole('navigation', { name: 'Conversations' });
  }

  async ask(prompt: string): Promise<void> {
    await this.composer.fill(prompt);
    await this.composer.press('Enter');
  }

  /** The text of the last answer, without what is said about it. */
  get text(): Locator {
    return this.answer.locator('.message__text');
  }

  /** A button below a message. It is there for the keyboard and for fingers; a mouse sees it when it comes near. */
  action(message: Locator, name: string): Locator {
    return message.getByRole('button', { name, exact: true });
  }

  /** Which version of a message is shown, as it is read out: `Version 2 of 3`. */
  versions(message: Locator): Locator {
    return message.getByRole('group');
  }

  /** The list of what an answer rests on. */
  get sources(): Locator {
    return this.answer.getByRole('group', { name: 'Sources' }).getByRole('link');
  }

  /** The mark of a source in the text. */
  mark(number: number): Locator {
    return this.text.getByRole('button', { name: `Source ${number}`, exact: true });
  }

  /** What is open beside the chat. */
  get panel(): Locator {
    return this.page.getByRole('dialog');
  }

  /** The field in which a prompt is said otherwise. */
  get editor(): Locator {
    return this.page.getByRole('textbox', { name: 'Edit your message' });
  }

  /** Says a prompt otherwise and sends it. */
  async edit(prompt: Locator, text: string): Promise<void> {
    await this.action(prompt, 'Edit').click();
    await this.editor.fill(text);
    await this.page.getByRole('button', { name: 'Save and send' }).click();
  }

  /** All that is shown, as `role: text`. */
  async expectConversationOf(...lines: string[]): Promise<void> {
    await expect
      .poll(() =>
        this.messages.evaluateAll((messages) =>
          messages.map((message) => {
            const text = message.querySelector('.message__text')?.textContent ?? '';
            return `${(message as HTMLElement).dataset.role}: ${text.trim()}`;
          }),
        ),
      )
      .toEqual(lines);
  }

  async expectAnswer(text: string, status = 'complete'): Promise<void> {
    await expect(this.answer).toHaveAttribute('data-status', status);
    await expect(this.text).toHaveText(text);
  }

  /** What there is of an answer that is being written. */
  async expectSoFar(text: string): Promise<void> {
    await expect(this.answer).toHaveAttribute('data-status', 'generating');
    await expect(this.text).toHaveText(text);
  }

  async expectConnection(phase: string | RegExp): Promise<void> {
    await expect(this.root).toHaveAttribute('data-connection', phase);
  }

  /** The chat has an address of its own now. */
  async expectConversation(): Promise<void> {
    await expect(this.page).toHaveURL(/\/c\/[0-9a-f-]{36}$/);
  }
}
