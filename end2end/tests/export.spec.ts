import { readFile } from 'node:fs/promises';

import type { Download, Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import type { BackupFile } from '../support/api';

async function exported(page: Page): Promise<{ download: Download; text: string }> {
  const waiting = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export backup' }).click();
  const download = await waiting;
  return { download, text: await readFile(await download.path(), 'utf8') };
}

test.describe('exporting a backup', () => {
  test('downloads everything under a name with the date', async ({ api, page, scheduler }) => {
    await api.importSample();
    const { records_processed, games_created } = await api.latest();
    await scheduler.open();
    const { download, text } = await exported(page);
    const today = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
    expect(download.suggestedFilename()).toBe(`numwatch-backup-${today}.json`);
    const backup = JSON.parse(text) as BackupFile;
    expect(backup.version).toBe('1.0');
    expect(backup.games).toHaveLength(games_created);
    expect(backup.results).toHaveLength(records_processed);
    expect(backup.stats).toEqual({ total_games: games_created, total_results: records_processed });
  });

  test('gives a file that brings all of it back', async ({ api, page, scheduler }) => {
    await api.importSample();
    const { stats } = await api.export();
    await scheduler.open();
    const { download, text } = await exported(page);
    await api.clearData();
    const name = download.suggestedFilename();
    await scheduler.backup
      .getByLabel('Backup file')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
    await scheduler.button('Import backup').click();
    const row = scheduler.rows.filter({ hasText: name });
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(scheduler.cell(row, 'Results')).toHaveText(String(stats.total_results));
    expect((await api.export()).stats).toEqual(stats);
  });

  test('is a valid backup when nothing is stored', async ({ page, scheduler }) => {
    await scheduler.open();
    const { text } = await exported(page);
    const backup = JSON.parse(text) as BackupFile;
    expect(backup.games).toEqual([]);
    expect(backup.results).toEqual([]);
  });
});
