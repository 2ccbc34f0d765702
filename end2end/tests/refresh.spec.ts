import type { Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { BAD_DATE } from '../support/parts';
import { PAGE_DATA } from '../support/page';
import { opened, refreshed } from '../support/refreshes';

/** Makes the page believe that its tab is hidden, or visible again. */
async function hide(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

test.describe('the page refreshes itself', () => {
  test('every 10 seconds, and tells how old it is', async ({ api, page, scheduler }) => {
    const asked = await opened(page, scheduler);
    await expect(scheduler.freshness).toContainText('just now');
    const before = asked();
    await page.clock.runFor(3_000);
    await expect(scheduler.freshness).toContainText('updated 3 s ago');
    await page.clock.runFor(6_000);
    await expect(scheduler.freshness).toContainText('updated 9 s ago');
    expect(asked()).toBe(before);

    const id = await api.importSample();
    await expect(scheduler.rows).toHaveCount(0);
    await refreshed(page, 1);
    await expect(scheduler.row(id)).toBeVisible();
    await expect(scheduler.freshness).toContainText('just now');
    for (let times = 0; times < 3; times += 1) await refreshed(page, 10);
    expect(asked()).toBe(before + 4);
  });

  test('as soon as something has changed anywhere, and asks no more while nothing does', async ({ api, page, scheduler }) => {
    await scheduler.open();
    const added = await api.importSample();
    // Long before it would look by itself.
    await expect(scheduler.row(added)).toBeVisible({ timeout: 3_000 });
    await expect(scheduler.cell(scheduler.row(added), 'Status')).toContainText('success', { timeout: 3_000 });
    await api.removeLogs();
    await expect(scheduler.rows).toHaveCount(0, { timeout: 3_000 });

    // What it has is still true: the answer says so, and nothing more.
    const answer = await page.waitForResponse((response) => response.url().includes('/api/scheduler_page'));
    const [sent] = await Promise.all([answer.request().sizes(), answer.finished()]);
    expect(sent.responseBodySize).toBe(0);
  });

  test('not while its tab is hidden, and at once when it is seen again', async ({ page, scheduler }) => {
    const asked = await opened(page, scheduler);
    const before = asked();
    await hide(page, true);
    await page.clock.runFor(60_000);
    expect(asked()).toBe(before);
    const answer = page.waitForResponse(PAGE_DATA);
    await hide(page, false);
    await (await answer).finished();
    await expect(scheduler.freshness).toContainText('just now');
    expect(asked()).toBe(before + 1);
    await refreshed(page, 10);
    expect(asked()).toBe(before + 2);
  });

  test('with one timer, also after it was left and come back to', async ({ page, scheduler }) => {
    const asked = await opened(page, scheduler, '/scheduler');
    await page.getByRole('navigation').getByRole('link', { name: 'Scheduler' }).click();
    await expect(page).toHaveURL(/\/$/);
    await scheduler.hydrated();
    await refreshed(page, 10);
    const before = asked();
    for (let times = 0; times < 3; times += 1) await refreshed(page, 10);
    expect(asked()).toBe(before + 3);
  });

  test('and disturbs nobody: focus, selection, scroll and what is open stay', async ({ api, page, scheduler }) => {
    const id = await api.importRange('2025-06-10', BAD_DATE);
    for (let times = 0; times < 8; times += 1) await api.importSample();
    await opened(page, scheduler);
    await scheduler.setRange('2025-06-01', '2025-06-14');
    await scheduler.openDetails(id);
    const message = scheduler.row(id).getByText('1 of 9 days failed: ');
    await message.selectText();
    const retry = scheduler.button(`Retry import #${id}`);
    await retry.focus();
    const scrolled = await page.evaluate(() => {
      scrollTo(0, 200);
      return scrollY;
    });
    // The table's parts are the same ones afterwards, not new ones that look alike.
    await scheduler.row(id).evaluate((row) => row.setAttribute('data-same', 'yes'));

    const added = await api.importSample();
    await refreshed(page, 10);
    await expect(scheduler.row(added)).toBeVisible();
    await refreshed(page, 10);
    await expect(retry).toBeFocused();
    await expect(scheduler.button(`Details of import #${id}`)).toHaveAttribute('aria-expanded', 'true');
    await expect(scheduler.table.getByRole('listitem')).toHaveCount(2);
    expect(await page.evaluate(() => getSelection()?.toString())).toContain('1 of 9 days failed');
    await expect(scheduler.row(id)).toHaveAttribute('data-same', 'yes');
    expect(scrolled).toBeGreaterThan(0);
    await expect(scheduler.range.getByRole('button')).toHaveText('Import 14 days');
    await expect(scheduler.range.getByLabel('First day')).toHaveValue('2025-06-01');
  });

  test('says when the server can’t be reached, keeps the rows, and recovers', async ({ allow, api, page, scheduler }) => {
    allow(/net::ERR_FAILED/);
    await api.importSample();
    await opened(page, scheduler);
    await page.route(PAGE_DATA, (route) => route.abort());
    await page.clock.runFor(10_000);
    await expect(scheduler.connection).toHaveText(
      /^Can't reach the server; showing what was read at \d\d:\d\d\. Trying again…$/,
    );
    await expect(scheduler.freshness).toHaveText('Read 10 s ago');
    await expect(scheduler.rows).toHaveCount(1);
    await page.clock.runFor(10_000);
    await expect(scheduler.freshness).toHaveText('Read 20 s ago');
    await expect(scheduler.rows).toHaveCount(1);

    const added = await api.importSample();
    await page.unroute(PAGE_DATA);
    await refreshed(page, 10);
    await expect(scheduler.connection).toBeEmpty();
    await expect(scheduler.freshness).toContainText('just now');
    await expect(scheduler.row(added)).toBeVisible();
  });

  test('counts a server that never answers as lost', async ({ page, scheduler }) => {
    await opened(page, scheduler);
    await page.route(PAGE_DATA, () => {});
    await page.clock.runFor(26_000);
    await expect(scheduler.connection).toContainText("Can't reach the server");
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await refreshed(page, 10);
    await expect(scheduler.connection).toBeEmpty();
  });

  test('says what the server says when it answers with an error', async ({ allow, api, page, scheduler }) => {
    allow(/status of 503/);
    await api.importSample();
    await opened(page, scheduler);
    const message = "The database can't be reached. Try again in a moment.";
    await page.route(PAGE_DATA, (route) => route.fulfill({ status: 503, json: { kind: 'unavailable', message } }));
    await page.clock.runFor(10_000);
    await expect(scheduler.connection).toContainText(message);
    await expect(scheduler.rows).toHaveCount(1);
    await page.unroute(PAGE_DATA);
    await refreshed(page, 10);
    await expect(scheduler.connection).toBeEmpty();
  });
});
