// What answers in the server's place, late, or not at all.
import { expect, test } from '../fixtures';
import { PAGE_DATA } from '../support/page';
import { opened } from '../support/refreshes';
import { BAD_DATE } from '../support/parts';

test.describe('a command', () => {
  test('that a proxy answers in the server’s place says so', async ({ allow, page, scheduler }) => {
    allow(/status of 502/);
    await scheduler.open();
    const body = '<html><body><h1>502 Bad Gateway</h1></body></html>';
    await page.route('**/api/import_sample*', (route) =>
      route.fulfill({ status: 502, contentType: 'text/html', body }),
    );
    await scheduler.button('Import sample').click();
    await expect(scheduler.sample.getByRole('alert')).toHaveText(
      'The server, or something before it, answered with status 502. Try again in a moment.',
    );
  });

  test('that hangs is ended, says so, and can be given again', async ({ allow, page, scheduler }) => {
    allow(/net::ERR_ABORTED/);
    await opened(page, scheduler);
    await page.route('**/api/import_sample*', () => {});
    const ended = page.waitForEvent('requestfailed', (request) => request.url().includes('/api/import_sample'));
    await scheduler.button('Import sample').click();
    await expect(scheduler.sample.getByRole('button')).toHaveText('Starting…');
    await page.clock.runFor(15_000);
    await ended;
    await expect(scheduler.sample.getByRole('alert')).toHaveText(
      'The server did not answer in time. The table shows whether it was done; if not, try again.',
    );
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await scheduler.button('Import sample').click();
    await expect(scheduler.sample.getByRole('alert')).toBeHidden();
  });
});

test.describe('details', () => {
  test('that could not be read are read once the server is back', async ({ allow, api, page, scheduler }) => {
    allow(/net::ERR_FAILED/);
    const id = await api.importRange('2025-06-17', BAD_DATE);
    await scheduler.open();
    const details = '**/api/import_details*';
    await page.route(details, (route) => route.abort());
    await scheduler.button(`Details of import #${id}`).click();
    const alert = scheduler.table.getByRole('alert').filter({ hasText: "The server can't be reached" });
    await expect(alert).toBeVisible();
    await page.unroute(details);
    await expect(scheduler.table.getByRole('listitem')).toHaveCount(2, { timeout: 15_000 });
    await expect(alert).toBeHidden();
  });

  test('keep a selection while they are read again', async ({ api, feed, page, scheduler }) => {
    test.setTimeout(60_000);
    await feed.with('--slow', '1500');
    const id = await api.startRange('2025-06-10', '2025-06-14');
    await scheduler.open();
    const details = await scheduler.openDetails(id);
    const imported = details.getByText(/^2025-06-1\d imported/);
    await expect(imported).toHaveCount(1, { timeout: 15_000 });
    await details.getByRole('listitem').first().selectText();
    const selected = await page.evaluate(() => getSelection()?.toString());
    await expect(imported).toHaveCount(5, { timeout: 30_000 });
    await expect(scheduler.cell(scheduler.row(id), 'Status')).toContainText('success');
    expect(await page.evaluate(() => getSelection()?.toString())).toBe(selected);
  });
});

test.describe('a page that is answered late', () => {
  test('shows an end soon after it has come', async ({ page, scheduler }) => {
    await scheduler.open();
    // Longer than the second between two refreshes: none may be given up for the next.
    await page.route(PAGE_DATA, async (route) => {
      const answer = await route.fetch();
      await new Promise((later) => setTimeout(later, 1_500));
      await route.fulfill({ response: answer });
    });
    const begun = Date.now();
    await scheduler.button('Import sample').click();
    await expect(scheduler.cell(scheduler.rows.first(), 'Status')).toContainText('success');
    expect(Date.now() - begun).toBeLessThan(6_000);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });
});
