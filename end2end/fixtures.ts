import { test as base, expect } from '@playwright/test';

import { Api } from './support/api';
import { Feed } from './support/feed';
import { SchedulerPage } from './support/page';

interface TestFixtures {
  /** Lets a message of the console pass that this test provokes. Any other warning or error fails it. */
  allow: (message: RegExp) => void;
  allowed: RegExp[];
  api: Api;
  feed: Feed;
  scheduler: SchedulerPage;
  clean: void;
}

export const test = base.extend<TestFixtures, { feedProcess: Feed }>({
  feedProcess: [
    async ({}, use) => {
      const feed = new Feed();
      await feed.asUsual();
      await use(feed);
      await feed.stop();
    },
    { scope: 'worker' },
  ],
  feed: async ({ feedProcess }, use) => {
    await use(feedProcess);
  },
  allowed: async ({ javaScriptEnabled }, use) => {
    // Without JavaScript the browser's part is fetched in vain.
    await use(javaScriptEnabled === false ? [/was preloaded using link preload but not used/] : []);
  },
  allow: async ({ allowed }, use) => {
    await use((message) => allowed.push(message));
  },
  api: async ({ request }, use) => {
    await use(new Api(request));
  },
  clean: [
    async ({ api, feed }, use) => {
      await api.reset();
      await feed.asUsual();
      await use();
    },
    { auto: true },
  ],
  // Hydration that doesn't match what the server rendered is told on the console.
  page: async ({ page, allowed }, use) => {
    const said: string[] = [];
    // What a page's policy refuses is told as an error, however quiet it was.
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective, sample, sourceFile }) =>
        console.error(`the policy refused ${effectiveDirective} of ${blockedURI} (${sourceFile ?? ''} ${sample})`),
      );
    });
    // Who changes a text node changes one that a translator may have taken away.
    await page.addInitScript(() => {
      const value = Object.getOwnPropertyDescriptor(Node.prototype, 'nodeValue') as PropertyDescriptor;
      Object.defineProperty(Node.prototype, 'nodeValue', {
        ...value,
        set(this: Node, text: string) {
          if (text !== this.nodeValue) console.error(`a text node was changed from “${this.nodeValue}” to “${text}”`);
          value.set?.call(this, text);
        },
      });
    });
    page.on('console', (message) => {
      if (['warning', 'error'].includes(message.type())) said.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => said.push(`page error: ${error.message}`));
    await use(page);
    expect(said.filter((line) => !allowed.some((pattern) => pattern.test(line))), 'on the console').toEqual([]);
  },
  scheduler: async ({ page }, use) => {
    await use(new SchedulerPage(page));
  },
});

export { expect };
