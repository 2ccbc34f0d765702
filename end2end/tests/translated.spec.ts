import { expect, test } from '../fixtures';
import { oneDraw, file } from '../support/backups';
import { translate } from '../support/others';
import { BAD_DATE } from '../support/parts';
import { PAGE_DATA, SchedulerPage } from '../support/page';

test.describe('with the browser’s translator', () => {
  test('an import is told from its start to its end, and all else that changes', async ({
    api,
    context,
    feed,
    page,
    scheduler,
  }) => {
    test.setTimeout(90_000);
    await scheduler.open();
    await translate(page);
    await expect(page.locator('font')).not.toHaveCount(0);
    await expect(scheduler.freshness).toContainText(/updated [2-9] s ago/);
    await expect(scheduler.freshness).toContainText('just now', { timeout: 12_000 });

    // It runs: the clock goes on.
    await feed.with('--slow', '5000', '--bad-dates', BAD_DATE);
    await scheduler.setRange('2025-06-17', BAD_DATE);
    await expect(scheduler.range.getByRole('button')).toHaveText('Import 2 days');
    await scheduler.range.getByRole('button').click();
    await expect(scheduler.messages).toHaveText(/^Import #\d+ started\.$/);
    const { id } = await api.latest();
    const row = scheduler.row(id);
    await expect(scheduler.cell(row, 'Status')).toContainText('running');
    await expect(scheduler.cell(row, 'Started')).toContainText(/[1-2] s so far/);
    await expect(scheduler.cell(row, 'Started')).toContainText(/[3-5] s so far/);
    const details = await scheduler.openDetails(id);
    await expect(details).toContainText('not yet');

    // It fails: badge, sentence, counts and details say so.
    await expect(scheduler.cell(row, 'Status')).toContainText('failed', { timeout: 45_000 });
    await expect(scheduler.cell(row, 'Status')).not.toContainText('running');
    await expect(row).toContainText('1 of 2 days failed: ');
    await expect(scheduler.messages).toContainText(`Import #${id} failed: `);
    // Nobody is told twice.
    await expect(scheduler.ended).toBeEmpty();
    await expect(scheduler.unresolved).toHaveText('1');
    await expect(details.getByRole('listitem')).toContainText(['imported', 'failed']);

    // One that is quick, and a conflict that is corrected.
    await api.importBackup('one.json', file('one.json', oneDraw('123')).buffer);
    await scheduler.button('Import sample').click();
    await expect(scheduler.messages).toContainText(/^Import #\d+ succeeded: /);
    await expect(scheduler.rows).toHaveCount(3);
    await scheduler.stopScheduler();
    await expect(scheduler.scheduler).toContainText('Stopped');
    await scheduler.button('Start the scheduler').click();
    await expect(scheduler.scheduler).toContainText('Running');

    // All of it reads as on a page that nobody has translated.
    const other = new SchedulerPage(await context.newPage());
    await other.open(`/?details=${id}`);
    const shown = async ({ scheduler: strip, table }: SchedulerPage) =>
      `${await strip.innerText()} ${await table.innerText()}`.replace(/\s+/g, ' ');
    await expect(async () => expect(await shown(scheduler)).toBe(await shown(other))).toPass();
  });

  test('that the server is lost is told, and that it is back', async ({ allow, api, page, scheduler }) => {
    test.setTimeout(60_000);
    allow(/net::ERR_FAILED/);
    await api.importSample();
    await scheduler.open();
    await translate(page);
    await page.route(PAGE_DATA, (route) => route.abort());
    await expect(scheduler.connection).toContainText("Can't reach the server", { timeout: 15_000 });
    await page.unroute(PAGE_DATA);
    await expect(scheduler.connection).toBeEmpty({ timeout: 15_000 });
    await expect(scheduler.freshness).toContainText('Live · updated');
  });
});
