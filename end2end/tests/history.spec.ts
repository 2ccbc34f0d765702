import { expect, test } from '../fixtures';
import { accessible } from '../support/axe';
import { BAD_DATE } from '../support/parts';
import { backup, truncated } from '../support/backups';

test.describe('the history', () => {
  test('is filtered by its form, whose address can be sent to somebody', async ({ api, page }) => {
    await api.importBackup('ผลหวย.json', JSON.stringify(backup(1, 1)));
    const broken = await api.importBackup('broken.json', truncated('broken.json').buffer);
    await api.importSample();
    await page.goto('/');
    await page.getByRole('link', { name: 'Imports', exact: true }).click();
    await expect(page).toHaveTitle('Imports · NumWatch');
    const rows = page.getByRole('table', { name: 'History' }).locator('tbody').getByRole('row');
    await expect(rows).toHaveCount(3);
    await page.getByLabel('Filename or message').fill('หวย');
    await page.keyboard.press('Enter');
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText('ผลหวย.json');
    await expect(page.getByLabel('Filename or message')).toHaveValue('หวย');

    await page.getByRole('link', { name: 'Failed and open' }).click();
    await expect(rows).toHaveCount(1);
    await expect(page.getByLabel('Open failures')).toBeChecked();
    await page.goto(page.url());
    await rows.getByRole('link', { name: 'broken.json' }).click();
    await expect(page).toHaveURL(`/imports/${broken}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('broken.json');
  });

  test('goes back page by page, and forth again', async ({ api, page }) => {
    for (let nth = 0; nth < 5; nth += 1) await api.importSample();
    await page.goto('/imports?limit=2');
    const first = page.getByRole('table').locator('tbody').getByRole('row').first();
    const newest = await first.innerText();
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('link', { name: 'Older' }).click();
    await expect(page.getByRole('link', { name: 'Older' })).toHaveCount(0);
    await page.getByRole('link', { name: 'Newer' }).click();
    await page.getByRole('link', { name: 'Newer' }).click();
    expect(await first.innerText()).toBe(newest);
  });

  test('leads to an import, where it is run again or settled', async ({ api, feed, page }) => {
    const id = await api.importRange(BAD_DATE, BAD_DATE);
    await page.goto(`/imports/${id}`);
    await expect(page.getByRole('main')).toContainText('1 of 1 day failed');
    await feed.with();
    await page.getByRole('button', { name: 'Retry' }).click();
    await expect(page).toHaveURL(new RegExp(`/imports/${id}\\??$`));
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole('main')).toContainText('What it lacks has come with #', { timeout: 500 });
    }).toPass();
    await expect(page.getByRole('button', { name: 'Retry' })).toHaveCount(0);
    await page.getByRole('link', { name: `#${id + 1}` }).first().click();
    await expect(page.getByRole('main')).toContainText(`It runs again what failed as #${id}.`);
  });

  test('asks before all that it shows is removed, and says what was', async ({ api, page }) => {
    await api.importSample();
    await api.importBackup('good.json', JSON.stringify(backup(1, 1)));
    await api.importBackup('broken.json', truncated('broken.json').buffer);
    await page.goto('/imports?import_type=backup');
    await page.getByRole('link', { name: 'Remove all shown…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove all shown?' });
    await expect(dialog).toContainText('Removes 2 logs, 1 of them of an open failure.');
    await expect(dialog).toBeFocused();
    await accessible(page);
    await dialog.getByRole('link', { name: 'Cancel' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(page).toHaveURL('/imports?import_type=backup');
    await page.getByRole('link', { name: 'Remove all shown…' }).click();
    await expect(dialog.getByLabel('Keep the open failure')).toBeChecked();
    await dialog.getByLabel('Keep the open failure').uncheck();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByRole('main').getByRole('status')).toHaveText('Removed 2 logs.');
    await expect(page.getByText('No import matches these filters.')).toBeVisible();
    await page.getByRole('link', { name: 'Show all imports' }).click();
    await expect(page.getByRole('row', { name: 'responseData.json' })).toBeVisible();
  });

  test('shows days and times of the zone that the reader is in', async ({ api, browser }) => {
    await api.importSample();
    const { started_at } = await api.latest();
    const there = await browser.newContext({ timezoneId: 'America/New_York' });
    const page = await there.newPage();
    await page.goto('/imports');
    await expect(page.getByText('times and days of America/New York')).toBeVisible();
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', timeStyle: 'medium' });
    await expect(page.getByRole('table').locator('time').first()).toHaveText(clock.format(new Date(started_at)));
    await there.close();
  });

  test('is to be had as a table', async ({ api, page }) => {
    await api.importBackup('=SUM(A1).json', JSON.stringify(backup(1, 1)));
    await page.goto('/imports?import_type=backup');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('imports.csv');
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toContain(`,"'=SUM(A1).json","backup",`);
  });
});
