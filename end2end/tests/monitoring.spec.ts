import { expect, test } from '../fixtures';
import { accessible } from '../support/axe';
import { backup, truncated } from '../support/backups';

test.describe('monitoring', () => {
  test('leads from a mark, and from its number in the table, to just what they count', async ({ api, page }) => {
    await api.importBackup('good.json', JSON.stringify(backup(1, 1)));
    await api.importBackup('broken.json', truncated('broken.json').buffer);
    await api.importSample();
    await page.goto('/');
    await page.getByRole('link', { name: 'Monitoring', exact: true }).click();
    await expect(page).toHaveTitle('Monitoring · NumWatch');
    await accessible(page);
    const rows = page.getByRole('table', { name: 'History' }).locator('tbody').getByRole('row');

    await page.locator('figure').first().locator('a').filter({ hasText: '1 failed, open' }).click();
    await expect(page).toHaveURL(/\/imports\?unresolved=true&from=/);
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText('broken.json');
    await page.goBack();

    await page.getByText('Imports a day as a table').click();
    const table = page.getByRole('table', { name: 'Imports a day' });
    await expect(table.getByRole('row')).toHaveCount(8);
    await accessible(page);
    await table.getByRole('row').nth(1).getByRole('link', { name: '2', exact: true }).click();
    await expect(page).toHaveURL(/\/imports\?status=success&from=/);
    await expect(rows).toHaveCount(2);
  });

  test('looks back as far as it is asked to, and hears of what happens', async ({ api, page }) => {
    await page.goto('/monitoring');
    await expect(page.getByText('No imports yet.')).toBeVisible();
    await accessible(page);
    // It comes by itself.
    await api.importSample();
    await expect(page.getByRole('table', { name: 'Last 24 hours' })).toContainText('sample data');
    await page.getByRole('link', { name: '24 hours' }).click();
    await expect(page).toHaveURL('/monitoring?days=1');
    await expect(page.getByRole('heading', { name: 'Imports an hour' })).toBeVisible();
    await expect(page.getByRole('link', { name: '24 hours' })).toHaveAttribute('aria-current', 'true');
    // A phone has room for it, too.
    await page.setViewportSize({ width: 390, height: 844 });
    const main = page.getByRole('main');
    expect(await main.evaluate((it) => it.scrollWidth - it.clientWidth)).toBeLessThanOrEqual(0);
  });
});
