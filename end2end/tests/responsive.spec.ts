import type { Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { backup, truncated } from '../support/backups';

async function fits(page: Page, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 740 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide, `at ${width} px`).toBeLessThanOrEqual(width);
}

const LONG = `numwatch-backup-${'of-a-very-long-name-'.repeat(9)}.json`;

test.describe('nothing is wider than the window', () => {
  for (const width of [360, 640, 768, 1024, 1280, 1920]) {
    test(`at ${width} px`, async ({ api, feed, scheduler, page }) => {
      await scheduler.open();
      await fits(page, width);

      await feed.silent();
      await api.importSample();
      await api.importBackup(LONG, truncated(LONG).buffer);
      const running = await api.startRange('2025-06-20', '2025-06-22');
      await api.importBackup('good.json', JSON.stringify(backup(3, 400)));
      await scheduler.open();
      await expect(scheduler.row(running).getByRole('progressbar')).toBeVisible();
      await fits(page, width);
      await scheduler.table.getByText('Show all').click();
      await scheduler.openDetails(running);
      await fits(page, width);
      await scheduler.button('Clear logs…').click();
      await expect(scheduler.dialog).toBeVisible();
      await fits(page, width);
      const box = await scheduler.dialog.boundingBox();
      expect(box?.width).toBeLessThanOrEqual(width);
    });
  }

  test('a row is a card on a phone, and says what its numbers are', async ({ api, page, scheduler }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    const id = await api.importSample();
    await scheduler.open();
    const row = scheduler.row(id);
    const labels = await scheduler.cell(row, 'Records').evaluate((cell) => getComputedStyle(cell, '::after').content);
    expect(labels).toContain('records');
    const [filename, results] = await Promise.all([
      scheduler.cell(row, 'Filename').boundingBox(),
      scheduler.cell(row, 'Results').boundingBox(),
    ]);
    expect(results?.y).toBeGreaterThan(filename?.y ?? 0);
    await expect(scheduler.button(`Details of import #${id}`)).toBeVisible();
  });
});
