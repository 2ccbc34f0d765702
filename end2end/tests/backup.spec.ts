import type { Page, Route } from '@playwright/test';

import { expect, test } from '../fixtures';
import { backup, file, large, oneDraw, packed, truncated, TRUNCATED, withReject } from '../support/backups';
import { slowUploads } from '../support/network';
import { MAX_UPLOAD_BYTES } from '../support/parts';

/** Fails the test when anything is uploaded. */
function uploads(page: Page): string[] {
  const seen: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/import-backup')) seen.push(request.url());
  });
  return seen;
}

test.describe('a backup', () => {
  test('chosen with the picker is shown, sent, imported and logged', async ({ scheduler }) => {
    await scheduler.open();
    const chosen = file('my backup ก.json', backup(2, 3));
    await scheduler.backup.getByLabel('Backup file').setInputFiles(chosen);
    await expect(scheduler.backup).toContainText('my backup ก.json');
    await expect(scheduler.backup).toContainText('application/json');
    await expect(scheduler.backup).toContainText(chosen.buffer.length < 1000 ? 'B' : 'kB');
    await scheduler.button('Import backup').click();

    await expect(scheduler.messages).toHaveText(/^Import #\d+ (started\.|succeeded: )/);
    const row = scheduler.rows.filter({ hasText: 'my backup ก.json' });
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(scheduler.cell(row, 'Type')).toHaveText('backup');
    await expect(scheduler.cell(row, 'Records')).toHaveText('8');
    await expect(scheduler.cell(row, 'Games')).toHaveText('2');
    await expect(scheduler.cell(row, 'Results')).toHaveText('6');
    await expect(scheduler.backup).not.toContainText('my backup ก.json');
  });

  test('can be dropped on the card', async ({ scheduler }) => {
    await scheduler.open();
    await scheduler.backup.getByLabel('Backup file').drop({ files: [file('dropped.json', backup(1, 1))] });
    await expect(scheduler.backup).toContainText('dropped.json');
    await scheduler.button('Import backup').click();
    const row = scheduler.rows.filter({ hasText: 'dropped.json' });
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(scheduler.cell(row, 'Records')).toHaveText('2');
  });

  test('of the wrong kind, empty or too large is refused before it is sent', async ({ page, scheduler }) => {
    await scheduler.open();
    const sent = uploads(page);
    const field = scheduler.backup.getByLabel('Backup file');
    const said = scheduler.backup.getByRole('alert');
    await field.setInputFiles(file('photo.png', 'not a picture', 'image/png'));
    await expect(said).toHaveText('“photo.png” is no backup: it is image/png, and a backup is a .json or .json.gz file.');
    await field.drop({ files: [file('notes.txt', 'dropped', 'text/plain')] });
    await expect(said).toHaveText('“notes.txt” is no backup: it is text/plain, and a backup is a .json or .json.gz file.');
    await field.setInputFiles(file('empty.json', ''));
    await expect(said).toHaveText('“empty.json” is empty.');
    await field.setInputFiles(large('large.json', MAX_UPLOAD_BYTES + 1_000_000));
    await expect(said).toHaveText('“large.json” is 7.0 MB, and at most 6.0 MB can be uploaded.');

    // What can be a backup takes the sentence away.
    await field.setInputFiles(file('good.json', backup(1, 1)));
    await expect(said).toBeHidden();
    expect(sent).toEqual([]);
    await expect(scheduler.rows).toHaveCount(0);
  });

  test('shows how far its upload is', async ({ page, scheduler }) => {
    await scheduler.open();
    await slowUploads(page, 600_000);
    await scheduler.backup.getByLabel('Backup file').setInputFiles(large('slow.json', 4_000_000));
    await scheduler.button('Import backup').click();
    const bar = page.getByRole('progressbar', { name: 'Progress of the upload' });
    const share = async () => Number(await bar.getAttribute('value'));
    await expect.poll(share).toBeGreaterThan(0);
    expect(await share()).toBeLessThan(1000);
    await expect(scheduler.backup).toContainText(/ of 4\.0 MB · \d+ %/);
    // The log tells the same to everybody, and how fast it comes.
    const row = scheduler.rows.filter({ hasText: 'slow.json' });
    await expect(row).toContainText(/Uploading · [\d.]+ (kB|MB) of 4\.0 MB · [\d.]+ (kB|MB)\/s · \d+ s left/);
    await expect(scheduler.backup.getByLabel('Backup file')).toBeDisabled();

    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(bar).toBeHidden();
  });

  test('can be stopped on its way, and its log says that it was', async ({ api, page, scheduler }) => {
    await scheduler.open();
    await slowUploads(page, 400_000);
    await scheduler.backup.getByLabel('Backup file').setInputFiles(large('stopped.json', 5_000_000));
    await scheduler.button('Import backup').click();
    const row = scheduler.rows.filter({ hasText: 'stopped.json' });
    await expect(scheduler.cell(row, 'Status')).toContainText('running');
    await scheduler.button('Stop upload').click();

    await expect(scheduler.backup.getByRole('alert')).toHaveText('The upload of “stopped.json” was stopped.');
    await expect(scheduler.cell(row, 'Status')).toContainText('cancelled');
    await expect(row).toContainText('The upload was cancelled from the page. Upload the file again whenever you like.');
    expect((await api.latest()).failure_kind).toBe('cancelled');
    // What has not arrived can't be read again; the file is still chosen.
    await expect(row.getByRole('button', { name: /^Retry/ })).toBeHidden();
    await expect(scheduler.button('Import backup')).toBeVisible();
    expect((await api.export()).stats.total_games).toBe(0);
  });

  test('that is broken is a failed import with its sentence, whole one click away', async ({ page, scheduler }) => {
    await scheduler.open();
    await scheduler.backup.getByLabel('Backup file').setInputFiles(truncated('broken.json'));
    await scheduler.button('Import backup').click();
    const row = scheduler.rows.filter({ hasText: 'broken.json' });
    await expect(scheduler.cell(row, 'Status')).toContainText('failed');
    const message = row.getByText('Not a backup: the file ends');
    await expect(message).toHaveText(TRUNCATED);
    const height = async () => (await message.boundingBox())?.height ?? 0;
    const closed = await height();
    await row.getByText('Show all').click();
    await expect(row.getByText('Show less')).toBeVisible();
    expect(await height()).toBeGreaterThanOrEqual(closed);
    expect(await message.evaluate((text) => text.scrollHeight <= text.clientHeight)).toBe(true);
    await expect(page.getByText('Unresolved failures')).toBeVisible();
  });

  test('that can never be read offers no Retry: its message says what to do instead', async ({ api, scheduler }) => {
    const failed = await api.importBackup('broken.json', truncated('broken.json').buffer);
    await scheduler.open();
    const row = scheduler.row(failed);
    await expect(scheduler.cell(row, 'Status')).toContainText('failed');
    await expect(row).toContainText('It looks like a download that was cut off; download it again.');
    // The same bytes would fail the same way.
    await expect(row.getByRole('button', { name: /^Retry/ })).toBeHidden();
    const { failure_kind, retryable } = await api.latest();
    expect({ failure_kind, retryable }).toEqual({ failure_kind: 'invalid_input', retryable: false });
  });

  test('packed with gzip is imported like any other', async ({ page, scheduler }) => {
    await scheduler.open();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/api/same_file')) asked.push(request.url());
    });
    await scheduler.backup.getByLabel('Backup file').setInputFiles(packed('small.json.gz', backup(2, 3)));
    await expect(scheduler.backup).toContainText('small.json.gz');
    await scheduler.button('Import backup').click();
    const row = scheduler.rows.filter({ hasText: 'small.json.gz' });
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(scheduler.cell(row, 'Records')).toHaveText('8');
    await expect(scheduler.cell(row, 'Results')).toHaveText('6');
    // Its sum would be another one than that of the backup in it.
    expect(asked).toEqual([]);
  });

  test('with a result that differs leaves the stored one, and shows both', async ({ api, page, scheduler }) => {
    await api.importBackup('first.json', JSON.stringify(oneDraw('282')));
    await scheduler.open();
    await scheduler.backup.getByLabel('Backup file').setInputFiles(file('other.json', oneDraw('283')));
    await scheduler.button('Import backup').click();
    const row = scheduler.rows.filter({ hasText: 'other.json' });
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(row).toContainText('1 differs');
    const line = row.getByText('ดาวโจนส์ 1, 1 Jan 2024: stored 282, file 283');
    await expect(line).toBeHidden();
    await row.getByText('1 result differs from the file and stays as stored').click();
    await expect(line).toBeVisible();
    await expect(scheduler.messages).toHaveText(
      /^Import #\d+ succeeded: Nothing new; 1 result differs from the stored one, which stays\.$/,
    );

    const { id, results_differing } = await api.latest();
    expect(results_differing).toBe(1);
    await page.goto(`/imports/${id}`);
    await expect(page.getByRole('main')).toContainText('Differing1');
    const both = page.getByRole('table', { name: '1 result differs from the file and stays as stored' });
    await expect(both.getByRole('columnheader')).toHaveText(['Game', 'Date', 'Stored', 'In the file']);
    await expect(both.getByRole('cell')).toHaveText(['ดาวโจนส์ 1', '1 Jan 2024', '282', '283']);
    expect((await api.export()).results).toEqual([expect.objectContaining({ result_3up: '282' })]);
  });

  test('with a record that is wrong brings the rest, and says which', async ({ scheduler }) => {
    await scheduler.open();
    await scheduler.backup.getByLabel('Backup file').setInputFiles(withReject('odd.json'));
    await scheduler.button('Import backup').click();
    const row = scheduler.rows.filter({ hasText: 'odd.json' });
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(row).toContainText('1 rejected');
    await expect(scheduler.messages).toHaveText(
      /^Import #\d+ succeeded: Added 1 game and 2 results; 1 of 4 records was rejected\.$/,
    );
    await row.getByRole('button', { name: /^Details/ }).click();
    const details = scheduler.table.getByRole('row').filter({ hasText: 'Everything about import' });
    await expect(details.getByRole('listitem')).toContainText('results 3: ');
  });

  test('that breaks off on its way says so and can be sent again', async ({ allow, page, scheduler }) => {
    allow(/net::ERR_FAILED/);
    await scheduler.open();
    await page.route('**/import-backup', (route) => route.abort());
    await scheduler.backup.getByLabel('Backup file').setInputFiles(file('again.json', backup(1, 1)));
    await scheduler.button('Import backup').click();
    await expect(scheduler.backup.getByRole('alert')).toHaveText(
      'The upload of “again.json” broke off. Check the connection and try again.',
    );
    await page.unroute('**/import-backup');
    await scheduler.button('Import backup').click();
    const row = scheduler.rows.filter({ hasText: 'again.json' });
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
  });

  test('that was imported before says so before it is sent, and can be sent again', async ({ api, page, scheduler }) => {
    const content = file('twice.json', backup(2, 2));
    const first = await api.importBackup('first.json', content.buffer);
    await scheduler.open();
    const sent = uploads(page);
    const field = scheduler.backup.getByLabel('Backup file');
    await field.setInputFiles(content);
    const said = scheduler.backup.getByRole('status');
    await expect(said).toHaveText(`Same file as #${first}, just now. Importing it again adds only what is missing since.`);
    expect(sent).toEqual([]);

    // Another file takes the sentence away, and the same one brings it back.
    await field.setInputFiles(file('other.json', backup(1, 1)));
    await expect(said).toBeEmpty();
    await expect(scheduler.button('Import backup')).toBeVisible();
    await field.setInputFiles(content);
    await scheduler.button('Import again').click();
    const row = scheduler.rows.filter({ hasText: 'twice.json' });
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(scheduler.cell(row, 'Results')).toHaveText('0');
    await expect(said).toBeEmpty();
  });

  test('that is sent while it is being looked at waits for the answer', async ({ api, page, scheduler }) => {
    const content = file('twice.json', backup(2, 2));
    const first = await api.importBackup('first.json', content.buffer);
    await scheduler.open();
    const sent = uploads(page);
    const held: Route[] = [];
    await page.route('**/api/same_file*', (route) => void held.push(route));
    const said = scheduler.backup.getByRole('status');
    const field = scheduler.backup.getByLabel('Backup file');
    await field.setInputFiles(content);
    await scheduler.button('Import backup').click();
    await expect(said).toHaveText('Looking whether this file was imported before…');
    await expect.poll(() => held.length).toBe(1);
    await held[0]?.continue();
    await page.unroute('**/api/same_file*');
    await expect(said).toContainText(`Same file as #${first}`);
    expect(sent).toEqual([]);

    // One that is new is sent as soon as that is known.
    await field.setInputFiles(file('new.json', backup(1, 1)));
    await scheduler.button('Import backup').click();
    const row = scheduler.rows.filter({ hasText: 'new.json' });
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
  });
});
