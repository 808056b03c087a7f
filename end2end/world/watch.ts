// What no page may ever do, whatever a story is about: complain, break its own policy, or call somebody else.
import { type BrowserContext, type Page, type Request, expect } from '@playwright/test';

export class Watch {
  /** What went wrong. */
  private readonly troubles: string[] = [];
  private readonly allowed: RegExp[] = [/Service Worker registration blocked by Playwright/];
  private readonly homes = new Set<string>();
  /** Every address that was asked for. */
  readonly asked: string[] = [];

  /** From now on, what this context's pages do is seen. */
  over(context: BrowserContext): void {
    context.on('page', (page) => this.page(page));
    context.on('request', (request) => this.request(request));
    context.on('weberror', (error) => this.troubles.push(`uncaught: ${error.error()}`));
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.troubles.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
  }

  /** Where requests may go. */
  home(url: string): void {
    this.homes.add(new URL(url).host);
  }

  /** A trouble that is the point of the story: a refused password is a line on the browser's console. */
  allow(...troubles: RegExp[]): void {
    this.allowed.push(...troubles);
  }

  /** Says at the end of each story that nothing was wrong. */
  expectPeace(): void {
    const unexpected = this.troubles.filter((trouble) => !this.allowed.some((allowed) => allowed.test(trouble)));
    expect(unexpected, 'what the pages of this story complained about').toEqual([]);
  }

  private page(page: Page): void {
    page.on('dialog', (dialog) => {
      this.troubles.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('websocket', (socket) => this.address(socket.url()));
  }

  private request(request: Request): void {
    this.address(request.url());
  }

  private address(url: string): void {
    const { protocol, host } = new URL(url);
    // A refused line breaks its own icon into such an address.
    if (protocol === 'data:' || protocol === 'chrome-error:') return;
    this.asked.push(url);
    if (!this.homes.has(host)) this.troubles.push(`a request left the origin: ${url}`);
  }
}
