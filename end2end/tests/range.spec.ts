import { expect, test } from '../fixtures';
import { BAD_DATE } from '../support/parts';

/** A day in Bangkok, so many days ago. */
function day(ago: number): string {
  const bangkok = Date.now() + 7 * 3_600_000;
  return new Date(bangkok - ago * 86_400_000).toISOString().slice(0, 10);
}

test.describe('a date range', () => {
  test('is the last 7 days unless one says otherwise', async ({ scheduler }) => {
    await scheduler.open();
    await expect(scheduler.range.getByLabel('First day')).toHaveValue(day(6));
    await expect(scheduler.range.getByLabel('Last day')).toHaveValue(day(0));
    await scheduler.range.getByRole('button', { name: 'Import 7 days' }).click();
    await expect(scheduler.messages).toHaveText(/^Import #\d+ (started\.|succeeded: )/);
    const row = scheduler.rows.first();
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(scheduler.cell(row, 'Filename')).toContainText('7 days');
    await expect(scheduler.cell(row, 'Filename').getByRole('paragraph').first()).toHaveText(/^\d+( \w{3})?( – |–)\d+ \w{3}$/);
    await expect(scheduler.cell(row, 'Type')).toHaveText('date range');
  });

  test('the button counts its days', async ({ scheduler }) => {
    await scheduler.open();
    const button = scheduler.range.getByRole('button');
    await scheduler.setRange('2025-06-01', '2025-06-14');
    await expect(button).toHaveText('Import 14 days');
    await scheduler.setRange('2025-06-14', '2025-06-14');
    await expect(button).toHaveText('Import 1 day');
    await expect(button).toBeEnabled();
  });

  test('that is impossible is refused before it is asked for', async ({ scheduler }) => {
    await scheduler.open();
    const button = scheduler.range.getByRole('button');
    const hint = scheduler.range.getByRole('status');
    await scheduler.setRange('2025-06-14', '2025-06-13');
    await expect(hint).toHaveText('The first day comes after the last.');
    await expect(button).toBeDisabled();
    await scheduler.setRange(day(0), day(-1));
    await expect(hint).toHaveText('The last day is in the future.');
    await scheduler.setRange('2024-01-01', '2025-01-01');
    await expect(hint).toHaveText('At most 366 days at once.');
    await scheduler.setRange('2025-06-14', '');
    await expect(hint).toHaveText('Give both days.');
    await expect(button).toBeDisabled();
    await scheduler.setRange('2025-06-13', '2025-06-14');
    await expect(hint).toBeEmpty();
    await expect(button).toBeEnabled();
  });

  test('with a bad date keeps the other days and names the bad one', async ({ scheduler }) => {
    await scheduler.open();
    await scheduler.setRange('2025-06-15', '2025-06-21');
    await scheduler.range.getByRole('button', { name: 'Import 7 days' }).click();
    const row = scheduler.rows.first();
    await expect(scheduler.cell(row, 'Status')).toContainText('failed');
    await expect(row).toContainText(/15–21 Jun 2025\s*#\d+ · 1 of 7 days failed/);
    await expect(row).toContainText(
      `1 of 7 days failed: ${BAD_DATE} (The feed answered 500 (Internal Server Error)). Run it again to ask for it.`,
    );
    await expect(scheduler.cell(row, 'Results')).not.toHaveText('0');
    await expect(scheduler.unresolved).toHaveText('1');

    await row.getByRole('button', { name: /^Details/ }).click();
    const dates = scheduler.table.getByRole('listitem');
    await expect(dates.filter({ hasText: 'failed' })).toContainText(BAD_DATE);
    await expect(dates.filter({ hasText: 'failed' })).toContainText('answered 500');
  });

  test('tried again asks only for the days that failed', async ({ api, feed, scheduler }) => {
    const failed = await api.importRange('2025-06-15', '2025-06-21');
    await scheduler.open();
    const row = scheduler.row(failed);
    await expect(scheduler.cell(row, 'Status')).toContainText('failed');
    await expect(scheduler.unresolved).toHaveText('1');
    await feed.with();
    await scheduler.button(`Retry import #${failed}`).click();

    const retried = scheduler.rows.filter({ hasText: `retry of #${failed}` });
    await expect(retried).toContainText(/18 Jun 2025\s*#\d+ · 1 day/);
    await expect(scheduler.cell(retried, 'Status')).toContainText('success');
    const { id } = await api.latest();
    await expect(row).toContainText(`resolved by #${id}`);
    await expect(scheduler.unresolved).toHaveText('0');
    await expect(scheduler.button(`Retry import #${failed}`)).toBeHidden();
    await scheduler.button(`Details of import #${id}`).click();
    await expect(scheduler.table.getByRole('listitem')).toHaveCount(1);
  });

  test('stops asking a feed that fails three days in a row alike', async ({ feed, scheduler }) => {
    await feed.with('--error-rate', '1');
    await scheduler.open();
    await scheduler.setRange('2025-06-01', '2025-06-14');
    await scheduler.range.getByRole('button', { name: 'Import 14 days' }).click();
    const row = scheduler.rows.first();
    await expect(scheduler.cell(row, 'Status')).toContainText('failed');
    await expect(row).toContainText(/1–14 Jun 2025\s*#\d+ · 3 of 14 days failed/);
    await expect(row).toContainText(
      /3 of 14 days failed: .*; 11 days were not asked: 2025-06-04 to 2025-06-14\. Run it again to ask for all of them\./,
    );
    await row.getByRole('button', { name: /^Details/ }).click();
    const dates = scheduler.table.getByRole('listitem');
    await expect(dates.filter({ hasText: 'failed' })).toHaveCount(3);

    await feed.with();
    await scheduler.button(/^Retry import/).click();
    const retried = scheduler.rows.filter({ hasText: 'retry of' });
    await expect(retried).toContainText(/1–14 Jun 2025\s*#\d+ · 14 days/);
    await expect(scheduler.cell(retried, 'Status')).toContainText('success');
    await expect(scheduler.unresolved).toHaveText('0');
  });

  test('shows day by day how far it is', async ({ feed, page, scheduler }) => {
    await feed.with('--slow', '2500');
    await scheduler.open();
    await scheduler.setRange('2025-06-20', '2025-06-22');
    await scheduler.range.getByRole('button', { name: 'Import 3 days' }).click();
    const row = scheduler.rows.first();
    await expect(scheduler.cell(row, 'Status')).toContainText('running');
    const bar = row.getByRole('progressbar', { name: /^Progress of import #\d+$/ });
    await expect(row).toContainText('Asking the feed (day 2 of 3)');
    await expect(bar).toHaveAttribute('value', '333');
    // The first day is committed.
    await expect(scheduler.cell(row, 'Results')).toHaveText(/^[1-9]\d*$/);
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(page.getByRole('progressbar')).toHaveCount(0);
  });
});
