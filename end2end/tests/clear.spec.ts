import { expect, test } from '../fixtures';
import { truncated } from '../support/backups';

test.describe('clearing the logs', () => {
  test('asks first, saying how many, and can be called off', async ({ api, page, scheduler }) => {
    await api.importSample();
    await api.importSample();
    await scheduler.open();
    const button = scheduler.button('Clear logs…');
    await button.click();
    const dialog = page.getByRole('dialog', { name: 'Clear 2 logs?' });
    await expect(dialog).toContainText('The history of finished imports is removed; imported data stays.');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(button).toBeFocused();

    await button.press('Enter');
    await dialog.getByRole('button', { name: 'Keep them' }).click();
    await expect(dialog).toBeHidden();
    await expect(button).toBeFocused();
    await expect(scheduler.rows).toHaveCount(2);
  });

  test('removes them, keeps the data, and says so', async ({ api, page, scheduler }) => {
    await api.importSample();
    await scheduler.open();
    await scheduler.button('Clear logs…').click();
    await scheduler.dialog.getByRole('button', { name: 'Clear 1 log' }).click();
    await expect(scheduler.messages).toHaveText('Removed 1 log.');
    await expect(scheduler.dialog).toBeHidden();
    await expect(scheduler.button('Clear logs…')).toBeFocused();
    await expect(scheduler.rows).toHaveCount(0);
    await expect(page.getByText('The logs were cleared; the imported data is still there.')).toBeVisible();
    expect((await api.export()).stats.total_results).toBeGreaterThan(0);
  });

  test('leaves running imports alone', async ({ api, feed, scheduler }) => {
    await api.importSample();
    await feed.silent();
    const running = await api.startRange('2025-06-20', '2025-06-20');
    await scheduler.open();
    await scheduler.button('Clear logs…').click();
    await expect(scheduler.dialog).toContainText('1 running import stays.');
    await scheduler.dialog.getByRole('button', { name: 'Clear 1 log' }).click();
    await expect(scheduler.messages).toHaveText('Removed 1 log. 1 running import stays.');
    await expect(scheduler.rows).toHaveCount(1);
    await expect(scheduler.cell(scheduler.row(running), 'Status')).toContainText('running');
  });

  test('leaves open failures unless told otherwise', async ({ api, page, scheduler }) => {
    await api.importBackup('broken.json', truncated('broken.json').buffer);
    await api.importBackup('broken.json', truncated('broken.json').buffer);
    await api.importSample();
    await scheduler.open();
    await scheduler.button('Clear logs…').click();
    const box = scheduler.dialog.getByRole('checkbox', { name: 'Remove the 2 open failures, too' });
    await expect(page.getByRole('dialog', { name: 'Clear 1 log?' })).toContainText('2 open failures stay.');
    await box.check();
    await expect(page.getByRole('dialog', { name: 'Clear 3 logs?' })).not.toContainText('stay.');
    await box.uncheck();
    await scheduler.dialog.getByRole('button', { name: 'Clear 1 log' }).click();
    await expect(scheduler.messages).toHaveText('Removed 1 log. 2 open failures stay.');
    await expect(scheduler.rows).toHaveCount(2);

    await scheduler.button('Clear logs…').click();
    await expect(box).not.toBeChecked();
    await box.check();
    await scheduler.dialog.getByRole('button', { name: 'Clear 2 logs' }).click();
    await expect(scheduler.messages).toHaveText('Removed 2 logs.');
    await expect(scheduler.rows).toHaveCount(0);
  });

  test('has nothing to ask when there is nothing to clear', async ({ scheduler }) => {
    await scheduler.open();
    const button = scheduler.button('Clear logs…');
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    // `force`: Playwright itself would wait for it to be enabled.
    await button.click({ force: true });
    await expect(scheduler.dialog).toBeHidden();
  });

  test('that fails says why in the dialog, which stays', async ({ allow, api, page, scheduler }) => {
    allow(/net::ERR_FAILED/);
    await api.importSample();
    await scheduler.open();
    await page.route('**/api/clear_import_logs*', (route) => route.abort());
    await scheduler.button('Clear logs…').click();
    await scheduler.dialog.getByRole('button', { name: 'Clear 1 log' }).click();
    await expect(scheduler.dialog.getByRole('alert')).toHaveText(
      "The server can't be reached. Check the connection and try again.",
    );
    await expect(scheduler.dialog).toBeVisible();
  });
});
