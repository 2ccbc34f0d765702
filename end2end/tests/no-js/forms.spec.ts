import { expect, test } from '../../fixtures';
import { backup, file, large, packed, truncated } from '../../support/backups';
import { MAX_UPLOAD_BYTES } from '../../support/parts';
import type { SchedulerPage } from '../../support/page';

/** Loads the page anew until the newest import says this. */
async function newestSays(scheduler: SchedulerPage, text: string): Promise<void> {
  await expect(async () => {
    await scheduler.page.goto('/');
    await expect(scheduler.rows.first()).toContainText(text, { timeout: 500 });
  }).toPass();
}

test.describe('without JavaScript each form works:', () => {
  test.beforeEach(async ({ page }) => {
    await page.goto('/');
  });

  test('sample data', async ({ scheduler }) => {
    await scheduler.button('Import sample').click();
    await expect(scheduler.rows).toHaveCount(1);
    await newestSays(scheduler, 'success');
    await expect(scheduler.cell(scheduler.rows.first(), 'Type')).toHaveText('sample data');
  });

  test('a date range', async ({ scheduler }) => {
    await scheduler.setRange('2025-06-20', '2025-06-21');
    await scheduler.range.getByRole('button').click();
    await expect(scheduler.rows).toHaveCount(1);
    await newestSays(scheduler, 'success');
    await expect(scheduler.rows.first()).toContainText(/20–21 Jun 2025\s*#\d+ · 2 days/);
  });

  test('a date range that is impossible is refused with a sentence', async ({ page, scheduler }) => {
    await scheduler.setRange('2025-06-14', '2025-06-13');
    await scheduler.range.getByRole('button').click();
    await expect(scheduler.range.getByRole('alert')).toHaveText(
      'The range ends (2025-06-13) before it starts (2025-06-14). Swap the two dates.',
    );
    // What was given still stands there.
    await expect(scheduler.range.getByLabel('First day')).toHaveValue('2025-06-14');
    await expect(scheduler.range.getByLabel('Last day')).toHaveValue('2025-06-13');
    await scheduler.setRange('2023-06-14', '2025-06-13');
    await scheduler.range.getByRole('button').click();
    await expect(scheduler.range.getByRole('alert')).toHaveText(
      'The range from 2023-06-14 to 2025-06-13 is longer than 366 days. Import it in parts.',
    );
    await expect(scheduler.rows).toHaveCount(0);
    // The sentence is gone once the form was right.
    await scheduler.setRange('2025-06-20', '2025-06-20');
    await scheduler.range.getByRole('button').click();
    await expect(scheduler.rows).toHaveCount(1);
    await expect(page.getByRole('alert').filter({ hasText: /./ })).toHaveCount(0);
  });

  test('a backup, under its own name', async ({ scheduler }) => {
    await scheduler.backup.getByLabel('Backup file').setInputFiles(file('mine ก.json', backup(2, 3)));
    await scheduler.button('Import backup').click();
    await expect(scheduler.rows).toHaveCount(1);
    await newestSays(scheduler, 'success');
    const row = scheduler.rows.first();
    await expect(scheduler.cell(row, 'Filename')).toContainText('mine ก.json');
    await expect(scheduler.cell(row, 'Records')).toHaveText('8');
  });

  test('several backups, one import each', async ({ scheduler }) => {
    await scheduler.backup
      .getByLabel('Backup file')
      .setInputFiles([file('one.json', backup(1, 1)), packed('two.json.gz', backup(2, 1))]);
    await scheduler.button('Import backup').click();
    await expect(scheduler.rows).toHaveCount(2);
    await newestSays(scheduler, 'success');
    for (const name of ['one.json', 'two.json.gz']) {
      await expect(scheduler.rows.filter({ hasText: name })).toContainText('success');
    }
  });

  test('a backup that is broken', async ({ scheduler }) => {
    await scheduler.backup.getByLabel('Backup file').setInputFiles(truncated('broken.json'));
    await scheduler.button('Import backup').click();
    await newestSays(scheduler, 'failed');
    await expect(scheduler.rows.first()).toContainText('Not a backup: the file ends in the middle of result 3');
  });

  test('a backup that is too large', async ({ scheduler }) => {
    await scheduler.backup.getByLabel('Backup file').setInputFiles(large('large.json', MAX_UPLOAD_BYTES + 20_000_000));
    await scheduler.button('Import backup').click();
    await expect(scheduler.rows.first()).toContainText('The upload is too large');
    await expect(scheduler.rows.first()).toContainText('large.json');
  });

  test('clearing the logs, after asking', async ({ api, page, scheduler }) => {
    await api.importSample();
    await page.goto('/');
    await scheduler.button('Clear logs…').click();
    const dialog = page.getByRole('dialog', { name: 'Clear 1 log?' });
    await dialog.getByRole('button', { name: 'Keep them' }).click();
    await expect(dialog).toBeHidden();
    await expect(scheduler.rows).toHaveCount(1);
    await scheduler.button('Clear logs…').click();
    await dialog.getByRole('button', { name: 'Clear 1 log' }).click();
    await expect(scheduler.rows).toHaveCount(0);
    expect(await api.logs()).toEqual([]);
  });

  test('trying again', async ({ api, feed, page, scheduler }) => {
    const failed = await api.importRange('2025-06-18', '2025-06-19');
    await feed.with();
    await page.goto('/');
    await scheduler.button(`Retry import #${failed}`).click();
    await newestSays(scheduler, 'success');
    await expect(scheduler.rows.first()).toContainText(`retry of #${failed}`);
    await expect(scheduler.row(failed)).toContainText('resolved by');
  });

  test('trying again what is being tried says so, and the message can be dismissed', async ({
    api,
    feed,
    page,
    scheduler,
  }) => {
    const failed = await api.importRange('2025-06-18', '2025-06-18');
    await page.goto('/');
    await feed.silent();
    const running = await api.retry(failed);
    await scheduler.button(`Retry import #${failed}`).click();
    await expect(scheduler.messages).toHaveText(`Import #${failed} is being retried already, as #${running}.`);
    await scheduler.dismissMessage.click();
    await expect(scheduler.messages).toBeEmpty();
  });

  test('dismissing a failure', async ({ api, page, scheduler }) => {
    const failed = await api.importRange('2025-06-18', '2025-06-18');
    await page.goto('/');
    await expect(scheduler.unresolved).toHaveText('1');
    await scheduler.button(`Dismiss import #${failed}`).click();
    await expect(scheduler.unresolved).toHaveText('0');
    await expect(scheduler.row(failed)).toContainText('dismissed');
    await expect(scheduler.button(`Dismiss import #${failed}`)).toBeHidden();
    await expect(scheduler.button(`Retry import #${failed}`)).toBeVisible();
  });

  test('clearing the logs, open failures too when told so', async ({ api, page, scheduler }) => {
    await api.importRange('2025-06-18', '2025-06-18');
    await api.importSample();
    await page.goto('/');
    await scheduler.button('Clear logs…').click();
    await scheduler.dialog.getByRole('button', { name: 'Clear 1 log' }).click();
    await expect(scheduler.rows).toHaveCount(1);
    await scheduler.button('Clear logs…').click();
    await scheduler.dialog.getByRole('checkbox', { name: 'Remove the open failure, too' }).check();
    await scheduler.dialog.getByRole('button', { name: 'Clear 0 logs' }).click();
    await expect(scheduler.rows).toHaveCount(0);
  });

  test('cancelling', async ({ api, feed, page, scheduler }) => {
    await feed.silent();
    const id = await api.startRange('2025-06-20', '2025-06-20');
    await page.goto('/');
    await scheduler.button(`Cancel import #${id}`).click();
    await newestSays(scheduler, 'Cancelled from the page. Nothing of it was imported');
  });

  test('stopping, starting and running the scheduler', async ({ scheduler }) => {
    await scheduler.stopScheduler();
    await expect(scheduler.scheduler).toContainText('Stopped');
    await scheduler.button('Start the scheduler').click();
    await expect(scheduler.scheduler).toContainText('Running');
    await scheduler.button('Run now').click();
    await expect(scheduler.rows).toHaveCount(1);
    await newestSays(scheduler, 'success');
  });
});
