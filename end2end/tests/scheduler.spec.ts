import { expect, test } from '../fixtures';

test.describe('the scheduler', () => {
  test('tells its status, its next run and its last', async ({ page, scheduler }) => {
    await scheduler.open();
    for (const term of ['Status', 'Next run', 'Last run', 'Unresolved failures']) {
      await expect(scheduler.scheduler.getByRole('term').filter({ hasText: term })).toBeVisible();
    }
    await expect(scheduler.scheduler).toContainText('Running');
    await expect(scheduler.scheduler.getByRole('time')).toHaveAttribute('title', /29 Feb \d{4}/);
    // The feed of these tests was named as a real one.
    await expect(page.getByText('results are made up')).toBeHidden();
  });

  test('is stopped and started, and a new visit finds it as it was left', async ({ page, scheduler }) => {
    await scheduler.open();
    await scheduler.stopScheduler();
    await expect(scheduler.messages).toContainText('Scheduler stopped.');
    await expect(scheduler.scheduler).toContainText(/Stopped since \d\d:\d\d:\d\d, through the page/);
    await expect(scheduler.scheduler).toContainText('It was stopped. Start it to fetch results on schedule.');
    await page.reload();
    await scheduler.hydrated();
    await expect(scheduler.scheduler).toContainText('Stopped');

    await scheduler.button('Start the scheduler').click();
    await expect(scheduler.messages).toHaveText('Scheduler started.');
    await expect(scheduler.scheduler).toContainText('Running');
    await page.reload();
    await scheduler.hydrated();
    await expect(scheduler.button('Stop the scheduler')).toBeVisible();
  });

  test('keeps the focus on its switch', async ({ page, scheduler }) => {
    await scheduler.open();
    await scheduler.button('Stop the scheduler').focus();
    await page.keyboard.press('Enter');
    await expect(scheduler.button('Keep it running')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(scheduler.button('Stop the scheduler')).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(scheduler.button('Start the scheduler')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(scheduler.button('Stop the scheduler')).toBeFocused();
  });

  test('runs now when asked, stopped or not', async ({ api, scheduler }) => {
    await scheduler.open();
    await scheduler.stopScheduler();
    await expect(scheduler.button('Start the scheduler')).toBeVisible();
    await scheduler.button('Run now').click();
    await expect(scheduler.messages).toHaveText(/^Import #\d+ (started\.|succeeded: )/);
    const row = scheduler.rows.first();
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(scheduler.cell(row, 'Type')).toHaveText('date range');
    await expect(scheduler.cell(row, 'Filename')).toContainText('1 day');
    expect((await api.latest()).filename).toBeNull();
  });

  test('says when the feed can’t be reached', async ({ feed, scheduler }) => {
    await feed.stop();
    await scheduler.open();
    await scheduler.button('Run now').click();
    const row = scheduler.rows.first();
    await expect(scheduler.cell(row, 'Status')).toContainText('failed');
    await expect(row).toContainText("The feed can't be reached (no connection)");
    await expect(row.getByRole('button', { name: /^Retry/ })).toBeVisible();
  });
});
