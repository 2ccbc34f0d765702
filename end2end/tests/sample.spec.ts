import { expect, test } from '../fixtures';

test.describe('sample data', () => {
  test('is imported with one button, and says so', async ({ api, scheduler }) => {
    await scheduler.open();
    await scheduler.button('Import sample').click();
    await expect(scheduler.messages).toHaveText(/^Import #\d+ (started\.|succeeded: )/);

    await expect(scheduler.rows).toHaveCount(1);
    const row = scheduler.rows.first();
    await expect(scheduler.cell(row, 'Status')).toContainText('success');
    await expect(scheduler.cell(row, 'Filename')).toContainText('responseData.json');
    await expect(scheduler.cell(row, 'Filename')).toContainText(/\d+(\.\d)? kB/);
    await expect(scheduler.cell(row, 'Type')).toHaveText('sample data');

    const { records_processed, games_created, results_created } = await api.latest();
    expect(records_processed).toBeGreaterThan(60);
    await expect(scheduler.cell(row, 'Records')).toHaveText(String(records_processed));
    await expect(scheduler.cell(row, 'Games')).toHaveText(String(games_created));
    await expect(scheduler.cell(row, 'Results')).toHaveText(String(results_created));
  });

  test('imported a second time changes nothing', async ({ api, scheduler }) => {
    const first = await api.importSample();
    const { stats } = await api.export();
    await scheduler.open();
    await scheduler.button('Import sample').click();

    await expect(scheduler.rows).toHaveCount(2);
    const second = scheduler.rows.filter({ hasNotText: `#${first}` });
    await expect(scheduler.cell(second, 'Status')).toContainText('success');
    await expect(scheduler.cell(second, 'Games')).toHaveText('0');
    await expect(scheduler.cell(second, 'Results')).toHaveText('0');
    expect((await api.export()).stats).toEqual(stats);
  });

  test('the button waits for the answer, says so, and keeps the focus', async ({ page, scheduler }) => {
    await scheduler.open();
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/api/import_sample*', async (route) => {
      await held;
      await route.continue();
    });
    const button = scheduler.sample.getByRole('button');
    await button.click();
    await expect(button).toHaveText('Starting…');
    await expect(button).toHaveAttribute('aria-busy', 'true');
    await expect(button).toBeFocused();
    // A second press starts nothing.
    await button.press('Enter');
    answer();
    await expect(button).toHaveText('Import sample');
    await expect(button).toBeFocused();
    await expect(scheduler.rows).toHaveCount(1);
  });

  test('a failure to start stands beside the button', async ({ allow, page, scheduler }) => {
    allow(/net::ERR_FAILED/);
    await scheduler.open();
    await page.route('**/api/import_sample*', (route) => route.abort());
    await scheduler.button('Import sample').click();
    await expect(scheduler.sample.getByRole('alert')).toHaveText(
      "The server can't be reached. Check the connection and try again.",
    );
    await page.unroute('**/api/import_sample*');
    await scheduler.button('Import sample').click();
    await expect(scheduler.rows).toHaveCount(1);
    await expect(scheduler.sample.getByRole('alert')).toBeHidden();
  });

  test('an empty page tells a newcomer what to press first', async ({ page, scheduler }) => {
    await scheduler.open();
    await expect(page.getByText('No imports yet')).toBeVisible();
    await expect(page.getByText('Press “Import sample” first')).toBeVisible();
    await scheduler.button('Import sample').click();
    await expect(page.getByText('No imports yet')).toBeHidden();
  });
});
