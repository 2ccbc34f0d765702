// Files that change, uploads that are left or stopped, and what is dropped beside the field.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '../fixtures';
import { backup, file, large } from '../support/backups';
import { slowUploads } from '../support/network';

test.describe('a chosen file', () => {
  for (const [what, change] of [
    [
      'changed',
      (path: string) => {
        writeFileSync(path, JSON.stringify(backup(3, 3)));
        // Browsers compare whole seconds.
        utimesSync(path, new Date(), new Date(Date.now() + 60_000));
      },
    ],
    ['gone', (path: string) => rmSync(path)],
  ] as const) {
    test(`that has ${what} since is named as the cause`, async ({ allow, page, scheduler }) => {
      allow(/ERR_UPLOAD_FILE_CHANGED|ERR_FILE_NOT_FOUND|ERR_FAILED/);
      const path = join(mkdtempSync(join(tmpdir(), 'numwatch-')), 'mine.json');
      writeFileSync(path, JSON.stringify(backup(2, 2)));
      await scheduler.open();
      const looked = page.waitForResponse('**/api/same_file*');
      await scheduler.backup.getByLabel('Backup file').setInputFiles(path);
      await looked;
      change(path);
      await scheduler.button('Import backup').click();
      await expect(scheduler.backup.getByRole('alert')).toHaveText(
        '“mine.json” has changed or gone since it was chosen. Choose it again.',
      );
    });
  }
});

test.describe('a file beside the field', () => {
  test('is taken, and the page stays', async ({ page, scheduler }) => {
    await scheduler.open();
    await page.evaluate(() => Object.assign(window, { same: true }));
    await page.getByRole('heading', { level: 1 }).drop({ files: [file('beside.json', backup(1, 1))] });
    await expect(scheduler.backup).toContainText('beside.json');
    expect(await page.evaluate(() => 'same' in window)).toBe(true);
    await scheduler.button('Import backup').click();
    const row = scheduler.rows.filter({ hasText: 'beside.json' });
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
  });

  test('is not left to the browser, which would show it in the page’s place', async ({ page, scheduler }) => {
    await scheduler.open();
    const prevented = await page.evaluate(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File(['{}'], 'beside.json', { type: 'application/json' }));
      return ['dragover', 'drop'].map((name) => {
        const event = new DragEvent(name, { dataTransfer: dropped, bubbles: true, cancelable: true });
        document.querySelector('h1')?.dispatchEvent(event);
        return event.defaultPrevented;
      });
    });
    expect(prevented).toEqual([true, true]);
  });
});

test.describe('an upload under way', () => {
  test('asks before the page is left, and only then', async ({ page, scheduler }) => {
    await scheduler.open();
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await slowUploads(page, 400_000);
    await scheduler.backup.getByLabel('Backup file').setInputFiles(large('left.json', 4_000_000));
    await scheduler.button('Import backup').click();
    await expect(page.getByRole('progressbar', { name: 'Progress of the upload' })).toBeVisible();
    await page.evaluate(() => location.assign('/scheduler'));
    await expect.poll(() => asked).toEqual(['beforeunload']);
    expect(new URL(page.url()).pathname).toBe('/');

    await scheduler.button('Stop upload').click();
    await expect(scheduler.backup.getByRole('alert')).toContainText('was stopped');
    await page.goto('/scheduler');
    await scheduler.hydrated();
    expect(asked).toEqual(['beforeunload']);
  });
});
