import { expect, test } from '../fixtures';
import { backup, file, large, packed, truncated } from '../support/backups';
import { slowUploads } from '../support/network';

test.describe('several backups at once', () => {
  test('are one import each, and a bad one doesn’t hold up the other', async ({ scheduler }) => {
    await scheduler.open();
    const field = scheduler.backup.getByLabel('Backup file');
    await field.setInputFiles([truncated('bad.json'), packed('good.json.gz', backup(1, 2))]);
    await expect(scheduler.backup).toContainText('bad.json, good.json.gz');
    await scheduler.button('Import 2 backups').click();

    await expect(scheduler.rows).toHaveCount(2);
    const [bad, good] = ['bad.json', 'good.json.gz'].map((name) => scheduler.rows.filter({ hasText: name }));
    if (!bad || !good) throw new Error('there are two rows');
    await expect(scheduler.cell(bad, 'Status')).toContainText('failed');
    await expect(scheduler.cell(good, 'Status')).toContainText('success');
    await expect(scheduler.cell(good, 'Results')).toHaveText('2');
    // Nothing is chosen any more.
    await expect(scheduler.button('Import backup')).toBeVisible();
    await expect(scheduler.backup).toContainText('Drop .json or .json.gz backups here');
  });

  test('can be dropped together', async ({ scheduler }) => {
    await scheduler.open();
    const files = [file('one.json', backup(1, 1)), file('two.json', backup(2, 1)), file('three.json', backup(3, 1))];
    await scheduler.backup.getByLabel('Backup file').drop({ files });
    await expect(scheduler.backup).toContainText('one.json and 2 more');
    await scheduler.button('Import 3 backups').click();
    await expect(scheduler.rows).toHaveCount(3);
    for (const { name } of files) {
      await expect(scheduler.cell(scheduler.rows.filter({ hasText: name }), 'Status')).toContainText('success');
    }
  });

  test('go on without what is refused at first sight, which is named', async ({ api, scheduler }) => {
    await scheduler.open();
    await scheduler.backup
      .getByLabel('Backup file')
      .setInputFiles([file('empty.json', ''), file('photo.png', 'no', 'image/png'), file('good.json', backup(1, 1))]);
    await expect(scheduler.backup.getByRole('alert')).toHaveText(
      '“empty.json” is empty. “photo.png” is no backup: it is image/png, and a backup is a .json or .json.gz file.',
    );
    await scheduler.button('Import backup').click();
    await expect(scheduler.rows).toHaveCount(1);
    await expect(scheduler.cell(scheduler.rows.first(), 'Status')).toContainText('success');
    expect((await api.latest()).filename).toBe('good.json');
  });

  test('go on when one doesn’t arrive, which is named and stays chosen', async ({ allow, page, scheduler }) => {
    allow(/net::ERR_FAILED/);
    await scheduler.open();
    await page.route(
      '**/import-backup',
      (route) => (route.request().headers()['x-filename'] === 'lost.json' ? route.abort() : route.continue()),
    );
    await scheduler.backup
      .getByLabel('Backup file')
      .setInputFiles([file('lost.json', backup(1, 1)), file('good.json', backup(2, 1))]);
    await scheduler.button('Import 2 backups').click();
    await expect(scheduler.backup.getByRole('alert')).toHaveText(
      'The upload of “lost.json” broke off. Check the connection and try again.',
    );
    await expect(scheduler.cell(scheduler.rows.filter({ hasText: 'good.json' }), 'Status')).toContainText('success');

    await page.unroute('**/import-backup');
    await expect(scheduler.backup).toContainText('lost.json');
    await scheduler.button('Import backup').click();
    await expect(scheduler.cell(scheduler.rows.filter({ hasText: 'lost.json' }), 'Status')).toContainText('success');
    await expect(scheduler.backup.getByRole('alert')).toBeHidden();
  });

  test('say which is on its way, and stop together', async ({ page, scheduler }) => {
    await scheduler.open();
    await slowUploads(page, 400_000);
    await scheduler.backup
      .getByLabel('Backup file')
      .setInputFiles([file('one.json', backup(1, 1)), large('slow.json', 5_000_000), large('late.json', 5_000_000)]);
    await scheduler.button('Import 3 backups').click();
    await expect(scheduler.backup).toContainText('2 of 3 · slow.json');
    await expect(scheduler.rows.filter({ hasText: 'slow.json' })).toContainText('Uploading');
    await scheduler.button('Stop upload').click();

    await expect(scheduler.backup.getByRole('alert')).toHaveText(
      'The upload of “slow.json” was stopped. 1 file after it was not sent.',
    );
    await expect(scheduler.cell(scheduler.rows.filter({ hasText: 'slow.json' }), 'Status')).toContainText('cancelled');
    await expect(scheduler.rows).toHaveCount(2);
    // Both are still chosen.
    await expect(scheduler.button('Import 2 backups')).toBeVisible();
  });
});
