import { expect, test } from '../../fixtures';
import { BAD_DATE } from '../../support/parts';
import { truncated } from '../../support/backups';
import { COLUMNS } from '../../support/page';

test.describe('without JavaScript', () => {
  test('an empty page says what to press first', async ({ page }) => {
    await page.goto('/');
    await expect(page).toHaveTitle('Scheduler · NumWatch');
    await expect(page.getByText('Press “Import sample” first')).toBeVisible();
  });

  for (const path of ['/', '/scheduler']) {
    test(`the table of ${path} comes with the page`, async ({ api, page, scheduler }) => {
      const id = await api.importSample();
      const { records_processed, results_created } = await api.latest();
      await page.goto(path);
      await expect(scheduler.table.getByRole('columnheader')).toHaveText([...COLUMNS]);
      const row = scheduler.row(id);
      await expect(scheduler.cell(row, 'Filename')).toContainText('responseData.json');
      await expect(scheduler.cell(row, 'Type')).toHaveText('sample data');
      await expect(scheduler.cell(row, 'Status')).toContainText('success');
      await expect(scheduler.cell(row, 'Records')).toHaveText(String(records_processed));
      await expect(scheduler.cell(row, 'Results')).toHaveText(String(results_created));
    });
  }

  test('times are in UTC and say so', async ({ api, page, scheduler }) => {
    const id = await api.importSample();
    await page.goto('/');
    const time = scheduler.cell(scheduler.row(id), 'Started').getByRole('time');
    await expect(time).toHaveText(/ UTC$/);
    await expect(time).toHaveAttribute('title', / UTC$/);
    await expect(scheduler.freshness).toHaveText(/^Read at \d\d:\d\d:\d\d UTC$/);
  });

  test('a failed import shows its message, whole one click away', async ({ api, page, scheduler }) => {
    await api.importBackup('broken.json', truncated('broken.json').buffer);
    await page.goto('/');
    await scheduler.table.getByText('Show all').click();
    await expect(scheduler.table.getByText('Show less')).toBeVisible();
    await expect(scheduler.rows).toContainText('download it again.');
  });

  test('details open with a link of their own, and close again', async ({ api, page, scheduler }) => {
    const id = await api.importRange('2025-06-15', '2025-06-21');
    await page.goto('/');
    await scheduler.openDetails(id);
    await expect(page).toHaveURL(new RegExp(`details=${id}`));
    const dates = scheduler.table.getByRole('listitem');
    // The day that failed, and how many more there are.
    await expect(dates).toHaveCount(2);
    await expect(dates.filter({ hasText: 'failed' })).toContainText('answered 500');
    await expect(scheduler.row(id)).toContainText(BAD_DATE);
    await scheduler.button(`Details of import #${id}`).click();
    await expect(dates).toHaveCount(0);
  });

  test('a running import is shown with its progress', async ({ api, feed, page, scheduler }) => {
    await feed.silent();
    const id = await api.startRange('2025-06-20', '2025-06-22');
    await expect(async () => {
      await page.goto('/');
      await expect(scheduler.row(id)).toContainText('Asking the feed (day 1 of 3)', { timeout: 500 });
    }).toPass();
    await expect(scheduler.row(id).getByRole('progressbar')).toBeVisible();
  });

  test('the export is a link that downloads', async ({ api, page }) => {
    await api.importSample();
    await page.goto('/');
    const waiting = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export backup' }).click();
    expect((await waiting).suggestedFilename()).toMatch(/^numwatch-backup-\d{4}-\d\d-\d\d\.json$/);
  });

  test('an address that is none says so', async ({ allow, page }) => {
    allow(/status of 404/);
    const answer = await page.goto('/nowhere');
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such page');
    await page.getByRole('link', { name: 'Go to the Scheduler' }).click();
    await expect(page).toHaveURL(/\/$/);
  });

  test('details open in view', async ({ api, page, scheduler }) => {
    await page.setViewportSize({ width: 1280, height: 500 });
    const id = await api.importRange('2025-06-10', BAD_DATE);
    for (let times = 0; times < 12; times += 1) await api.importSample();
    await page.goto('/');
    await scheduler.button(`Details of import #${id}`).click();
    await expect(scheduler.table.getByRole('listitem')).toHaveCount(2);
    await expect(scheduler.row(id)).toBeInViewport();
  });

  test('a page on which an import runs comes anew by itself', async ({ api, feed, page, scheduler }) => {
    test.setTimeout(60_000);
    await feed.silent();
    const id = await api.startRange('2025-06-20', '2025-06-20');
    await page.goto('/');
    await expect(scheduler.row(id)).toContainText('running');
    await feed.asUsual();
    await expect(scheduler.row(id)).not.toContainText('running', { timeout: 45_000 });
    await expect(page.locator('meta[http-equiv="refresh"]')).toHaveCount(0);
  });
});
