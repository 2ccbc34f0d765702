import { expect, test } from '../fixtures';

test.describe('cancelling', () => {
  test('stops a running import, which then says so and can be tried again', async ({ api, feed, scheduler }) => {
    await feed.silent();
    await scheduler.open();
    await scheduler.setRange('2025-06-20', '2025-06-22');
    await scheduler.range.getByRole('button', { name: 'Import 3 days' }).click();
    const row = scheduler.rows.first();
    await expect(scheduler.cell(row, 'Status')).toContainText('running');
    const { id } = await api.latest();
    await scheduler.button(`Cancel import #${id}`).click();
    await expect(scheduler.messages).toHaveText(`Import #${id} is being cancelled.`);

    // Neither a breakdown nor anything that is left open.
    await expect(scheduler.cell(row, 'Status')).toContainText('cancelled');
    await expect(scheduler.unresolved).toHaveText('0');
    await expect(scheduler.button(`Dismiss import #${id}`)).toBeHidden();
    await expect(row).toContainText('Cancelled from the page. Nothing of it was imported; run it again whenever you like.');
    await expect(scheduler.button(`Cancel import #${id}`)).toBeHidden();
    const details = await scheduler.openDetails(id);
    await expect(details.getByRole('listitem').filter({ hasText: 'not asked' })).toHaveCount(3);

    await feed.asUsual();
    await scheduler.button(`Run again import #${id}`).click();
    const retried = scheduler.rows.filter({ hasText: `retry of #${id}` });
    await expect(scheduler.cell(retried, 'Status')).toContainText('success');
    await expect(scheduler.cell(retried, 'Filename')).toContainText('3 days');
  });

  test('what has just ended and been cleared is refused with a sentence', async ({ allow, api, feed, page, scheduler }) => {
    allow(/status of 404/);
    await feed.silent();
    const id = await api.startRange('2025-06-20', '2025-06-20');
    await scheduler.open();
    await expect(scheduler.button(`Cancel import #${id}`)).toBeVisible();
    // This page does not hear that it is over.
    await page.route('**/api/scheduler_page*', () => {});
    await api.reset();
    await scheduler.button(`Cancel import #${id}`).click();
    await expect(scheduler.table.getByRole('alert').filter({ hasText: /./ })).toHaveText(
      `There is no import #${id}. Its log may have been cleared.`,
    );
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });
});
