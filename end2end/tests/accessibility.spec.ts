import { expect, test } from '../fixtures';
import { accessible } from '../support/axe';
import { backup, file, large, oneDraw, truncated, withReject } from '../support/backups';
import { slowUploads } from '../support/network';
import { PAGE_DATA } from '../support/page';

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };

for (const [where, colorScheme, viewport] of [
  ['light and wide', 'light', WIDE],
  ['dark and wide', 'dark', WIDE],
  ['light on a phone', 'light', PHONE],
  ['dark on a phone', 'dark', PHONE],
] as const) {
  test.describe(`accessible, ${where}:`, () => {
    // Nothing is half faded in when it is looked at.
    test.use({ colorScheme, viewport, contextOptions: { reducedMotion: 'reduce' } });

    test('empty', async ({ page, scheduler }) => {
      await scheduler.open();
      await accessible(page);
    });

    test('as the server sends it', async ({ allow, api, page, scheduler }) => {
      allow(/net::ERR_FAILED|Failed to fetch dynamically|was preloaded using link preload/);
      await api.importBackup('broken.json', truncated('broken.json').buffer);
      await page.route(/\.(js|wasm)$/, (route) => route.abort());
      await page.goto('/');
      await expect(scheduler.rows).toHaveCount(1);
      await expect(scheduler.freshness).toContainText('UTC');
      await accessible(page);
    });

    test('with rows of each status, details open', async ({ api, feed, page, scheduler }) => {
      await feed.silent();
      await api.importBackup('broken.json', truncated('broken.json').buffer);
      const rejects = await api.importBackup('odd.json', withReject('odd.json').buffer);
      await api.startRange('2025-06-20', '2025-06-22');
      await scheduler.open();
      await expect(scheduler.table.getByRole('progressbar')).toBeVisible();
      await accessible(page);
      await scheduler.table.getByText('Show all').click();
      await scheduler.openDetails(rejects);
      await accessible(page);
    });

    test('values that differ, in the row and its details', async ({ api, page, scheduler }) => {
      await api.importBackup('first.json', JSON.stringify(oneDraw('282')));
      const id = await api.importBackup('other.json', JSON.stringify(oneDraw('283')));
      await scheduler.open();
      await scheduler.row(id).getByText('1 result differs from the file').click();
      await scheduler.openDetails(id);
      await accessible(page);
    });

    test('a file that was imported before, and one on its way', async ({ api, page, scheduler }) => {
      const content = file('twice.json', backup(1, 1));
      await api.importBackup('first.json', content.buffer);
      await scheduler.open();
      const field = scheduler.backup.getByLabel('Backup file');
      await field.setInputFiles(content);
      await expect(scheduler.button('Import again')).toBeVisible();
      await accessible(page);
      await slowUploads(page, 400_000);
      await field.setInputFiles(large('slow.json', 5_000_000));
      await scheduler.button('Import backup').click();
      await expect(scheduler.rows.filter({ hasText: 'slow.json' })).toContainText('Uploading');
      await accessible(page);
      await scheduler.button('Stop upload').click();
    });

    test('the dialog', async ({ api, page, scheduler }) => {
      await api.importSample();
      await scheduler.open();
      await scheduler.button('Clear logs…').click();
      await expect(scheduler.dialog).toBeVisible();
      await accessible(page);
    });

    test('a file chosen, one refused, a range refused, a message', async ({ page, scheduler }) => {
      await scheduler.open();
      const field = scheduler.backup.getByLabel('Backup file');
      await field.setInputFiles(file('good.json', backup(1, 1)));
      await accessible(page);
      await field.setInputFiles(file('photo.png', 'no', 'image/png'));
      await scheduler.setRange('2025-06-14', '2025-06-13');
      await scheduler.stopScheduler();
      await expect(scheduler.messages).not.toBeEmpty();
      await accessible(page);
    });

    test('the server lost', async ({ allow, page, scheduler }) => {
      allow(/net::ERR_FAILED/);
      await page.clock.install();
      await scheduler.open();
      await page.route(PAGE_DATA, (route) => route.abort());
      await page.clock.runFor(11_000);
      await expect(scheduler.connection).not.toBeEmpty();
      await page.clock.resume();
      await accessible(page);
    });

    test('the history, and pages of imports', async ({ allow, api, page }) => {
      allow(/status of 40[04]/);
      await api.importBackup('broken.json', truncated('broken.json').buffer);
      const odd = await api.importBackup('รายงานผลหวยประจำวันที่มีชื่อยาวมาก.json', withReject('odd.json').buffer);
      const range = await api.importRange('2025-06-20', '2025-06-22');
      for (const path of ['/imports', '/imports?ask=remove', '/imports?ask=retry', '/imports?q=nothing', '/imports?status=odd', `/imports/${odd}`, `/imports/${range}`, '/imports/0']) {
        await page.goto(path);
        await accessible(page);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(wider, `${path} is too wide`).toBeLessThanOrEqual(0);
      }
    });

    test('no such page', async ({ allow, page }) => {
      allow(/status of 404/);
      await page.goto('/nowhere');
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such page');
      await accessible(page);
    });
  });
}
