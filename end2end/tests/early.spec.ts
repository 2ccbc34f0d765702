// A slow connection: the page is there and used before its wasm is.
import type { Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { backup, file } from '../support/backups';

/** Holds the wasm back; answers what lets it go. */
async function withoutWasm(page: Page): Promise<() => void> {
  let go = () => {};
  const gone = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/*.wasm', async (route) => {
    await gone;
    await route.continue();
  });
  return go;
}

test.describe('before its wasm has arrived the page', () => {
  test.beforeEach(({ allow }) => {
    // What was held when the page was left.
    allow(/net::ERR_ABORTED/);
  });

  test('starts an import, and hydrates after it', async ({ page, scheduler }) => {
    const go = await withoutWasm(page);
    await page.goto('/', { waitUntil: 'commit' });
    await scheduler.button('Import sample').click();
    await expect(scheduler.rows).toHaveCount(1);
    go();
    await scheduler.hydrated();
    await expect(scheduler.cell(scheduler.rows.first(), 'Status')).toContainText('success');
  });

  test('shows why something was refused, and hydrates with it', async ({ page, scheduler }) => {
    const go = await withoutWasm(page);
    await page.goto('/', { waitUntil: 'commit' });
    await scheduler.setRange('2025-06-14', '2025-06-13');
    await scheduler.range.getByRole('button').click();
    const sentence = 'The range ends (2025-06-13) before it starts (2025-06-14). Swap the two dates.';
    await expect(scheduler.range.getByRole('alert')).toHaveText(sentence);
    go();
    await scheduler.hydrated();
    await expect(scheduler.range.getByRole('alert')).toHaveText(sentence);
  });

  test('takes a file, which is still chosen afterwards', async ({ page, scheduler }) => {
    const go = await withoutWasm(page);
    await page.goto('/', { waitUntil: 'commit' });
    await scheduler.backup.getByLabel('Backup file').setInputFiles(file('early.json', backup(1, 1)));
    go();
    await scheduler.hydrated();
    await expect(scheduler.backup).toContainText('early.json');
    await scheduler.button('Import backup').click();
    const row = scheduler.rows.filter({ hasText: 'early.json' });
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
  });

  test('takes dates, which count afterwards', async ({ page, scheduler }) => {
    const go = await withoutWasm(page);
    await page.goto('/', { waitUntil: 'commit' });
    await scheduler.setRange('2025-06-12', '2025-06-14');
    go();
    await scheduler.hydrated();
    await expect(scheduler.range.getByLabel('First day')).toHaveValue('2025-06-12');
    await expect(scheduler.range.getByRole('button')).toHaveText('Import 3 days');
  });
});
