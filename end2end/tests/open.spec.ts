import { expect, test } from '../fixtures';
import { BAD_DATE } from '../support/parts';

test.describe('what is open', () => {
  test('stands in the address, which opens it for whoever gets it', async ({ api, context, page, scheduler }) => {
    const id = await api.importRange(BAD_DATE, BAD_DATE);
    await scheduler.open();
    await expect(page).toHaveTitle('(1 failed) Scheduler · NumWatch');
    await scheduler.openDetails(id);
    await expect(page).toHaveURL(`/?details=${id}#import-${id}`);

    const other = await context.newPage();
    await other.goto(page.url());
    await expect(other.getByRole('button', { name: `Details of import #${id}` })).toHaveAttribute('aria-expanded', 'true');
    await expect(other.getByRole('row').filter({ hasText: 'Everything about import' })).toBeVisible();

    await scheduler.button(`Details of import #${id}`).click();
    await expect(page).toHaveURL('/');
    await scheduler.button(`Dismiss import #${id}`).click();
    await expect(page).toHaveTitle('Scheduler · NumWatch');
  });

  test('leads to an import that is no longer in the table', async ({ allow, api, page }) => {
    allow(/status of 404/);
    const id = await api.importSample();
    await page.goto(`/?details=${id + 1}`);
    await expect(page).toHaveURL(`/imports/${id + 1}`);
    await expect(page.getByRole('main')).toContainText(`There is no import #${id + 1}.`);
  });
});

test.describe('scheduled runs that brought nothing', () => {
  test('are one row, which opens with a click; a switch shows each', async ({ api, page, scheduler }) => {
    const sample = await api.importSample();
    const [oldest, newest] = await api.quietRuns(3);
    await scheduler.open();
    await expect(scheduler.rows).toHaveCount(1);
    const fold = scheduler.table.getByRole('group');
    await expect(fold).toContainText('3 scheduled runs, nothing new, ');
    await fold.getByText('3 scheduled runs').click();
    await expect(page).toHaveURL(`/?details=-${sample}#fold-${sample}`);
    await expect(fold.getByRole('link', { name: `#${newest}` })).toHaveAttribute('href', `/imports/${newest}`);
    await expect(fold.getByRole('link', { name: `#${oldest}` })).toBeVisible();

    // It grows, and stays open.
    const [, later] = await api.quietRuns(1);
    await expect(fold).toContainText('4 scheduled runs');
    await expect(fold.getByRole('link', { name: `#${later}` })).toBeVisible();
    await page.reload();
    await scheduler.hydrated();
    await expect(fold.getByRole('link', { name: `#${later}` })).toBeVisible();

    await page.getByRole('link', { name: 'Show every run' }).click();
    await expect(page).toHaveURL('/?runs=all');
    await expect(scheduler.rows).toHaveCount(5);
    await page.getByRole('link', { name: 'Fold quiet runs' }).click();
    await expect(scheduler.rows).toHaveCount(1);
  });
});
