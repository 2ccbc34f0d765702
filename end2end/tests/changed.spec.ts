// A document that somebody has changed before the page's part in wasm takes it over.
import type { Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { withoutWasm } from '../support/others';

const PLAIN = "This page can't update itself here";

/** Opens the page, changes it as told, and lets its wasm come. */
async function changed(page: Page, change: () => void, path = '/'): Promise<void> {
  const go = await withoutWasm(page);
  await page.goto(path, { waitUntil: 'commit' });
  await page.locator('#numwatch').getByRole('heading', { level: 1 }).waitFor();
  await page.evaluate(change);
  go();
}

/** Text nodes with digits become links. */
function linkNumbers(): void {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (texts.nextNode()) {
    const text = texts.currentNode as Text;
    if (/\d/.test(text.data) && !text.parentElement?.closest('script, style, noscript')) found.push(text);
  }
  for (const text of found) {
    const link = document.createElement('a');
    link.href = 'tel:1';
    link.textContent = text.data;
    text.replaceWith(link);
  }
}

test.describe('a document that was changed before it came alive', () => {
  test('says that nothing in it is to be turned into links', async ({ page }) => {
    await page.goto('/');
    const detection = page.locator('meta[name="format-detection"]');
    await expect(detection).toHaveAttribute('content', /telephone=no.*date=no/);
  });

  test('by numbers that became links lives all the same', async ({ api, page, scheduler }) => {
    const first = await api.importSample();
    await changed(page, linkNumbers);
    await scheduler.hydrated();
    await scheduler.button('Import sample').click();
    await expect(scheduler.rows).toHaveCount(2);
    await expect(scheduler.row(first)).toContainText('success');
    await expect(page.getByText(PLAIN)).toBeHidden();
  });

  test('by an extension’s elements at both ends of the body lives all the same', async ({ page, scheduler }) => {
    await changed(page, () => {
      document.body.prepend(document.createElement('aside'));
      document.body.append(document.createElement('aside'));
    });
    await scheduler.hydrated();
    await scheduler.button('Import sample').click();
    await expect(scheduler.rows).toHaveCount(1);
    await expect(page.getByText(PLAIN)).toBeHidden();
  });

  test('within the table says that it is a plain page, refreshes itself, and works', async ({
    allow,
    api,
    page,
    scheduler,
  }) => {
    allow(/unreachable|panicked/);
    await page.clock.install();
    const first = await api.importSample();
    await changed(page, () => document.querySelector('.imports tbody')?.prepend('stray', document.createElement('i')));
    await expect(page.getByRole('alert').filter({ hasText: PLAIN })).toBeVisible();
    await expect(scheduler.freshness).not.toContainText('Live');
    await expect(scheduler.row(first)).toContainText('success');

    // It is loaded afresh by itself.
    const second = await api.importSample();
    await page.clock.runFor(10_000);
    await expect(scheduler.row(second)).toBeVisible();
    await expect(page.getByText(PLAIN)).toBeVisible();

    // Not under the hands of somebody who fills in a form, which still works.
    await scheduler.setRange('2025-06-20', '2025-06-21');
    const third = await api.importSample();
    await page.clock.runFor(30_000);
    await expect(scheduler.row(third)).toHaveCount(0);
    await scheduler.range.getByRole('button').click();
    await expect(scheduler.row(third)).toBeVisible();
    await expect(scheduler.rows.first()).toContainText('20–21 Jun 2025');

    // And it can be tried again.
    await page.getByRole('button', { name: 'Try again' }).click();
    await scheduler.hydrated();
    await expect(page.getByText(PLAIN)).toBeHidden();
  });

  test('whose wasm can’t be loaded is a plain page until it can', async ({ allow, api, page, scheduler }) => {
    allow(/net::ERR_FAILED|Failed to fetch/);
    const first = await api.importSample();
    await page.route('**/*.wasm', (route) => route.abort());
    await page.goto('/');
    await expect(page.getByText(PLAIN)).toBeVisible();
    await expect(scheduler.row(first)).toBeVisible();
    await page.unroute('**/*.wasm');
    await expect(scheduler.freshness).toContainText('updated', { timeout: 15_000 });
    await expect(page.getByText(PLAIN)).toBeHidden();
  });
});
