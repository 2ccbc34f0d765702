import { readFileSync } from 'node:fs';

import { expect, test } from '../fixtures';
import { accessible } from '../support/axe';
import { backup } from '../support/backups';

test.describe('the audit', () => {
  test('tells who did what to which import, and is filtered by its form', async ({ api, page }) => {
    const id = await api.importBackup('ผลหวย.json', JSON.stringify(backup(1, 1)));
    await page.goto(`/audit?import=${id}`);
    await expect(page).toHaveTitle('Audit · NumWatch');
    const rows = page.getByRole('table', { name: 'Lines' }).locator('tbody').getByRole('row');
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText('Asked for an import');
    await expect(rows).toContainText('the API');
    await accessible(page);

    await page.getByRole('combobox', { name: 'What' }).selectOption('Undid an import');
    await page.getByRole('button', { name: 'Show' }).click();
    await expect(page.getByRole('main')).toContainText('No line matches these filters.');
    await expect(page.getByLabel('Import', { exact: true })).toHaveValue(String(id));
    await page.getByRole('combobox', { name: 'What' }).selectOption('any');
    await page.getByRole('button', { name: 'Show' }).click();
    await rows.getByRole('link', { name: `import #${id}` }).click();
    await expect(page).toHaveURL(`/imports/${id}`);
  });

  test('goes back line by line, and forth again, and is to be had as a file', async ({ api, page }) => {
    for (let nth = 0; nth < 3; nth += 1) await api.importSample();
    await page.goto('/audit?action=import&limit=1');
    const row = page.getByRole('table').locator('tbody').getByRole('row');
    const newest = await row.innerText();
    await page.getByRole('link', { name: 'Older' }).click();
    expect(await row.getAttribute('id')).not.toBeNull();
    await expect(page.getByRole('link', { name: 'Newer' })).toBeVisible();
    await page.getByRole('link', { name: 'Newer' }).click();
    await expect(page.getByRole('link', { name: 'Newer' })).toHaveCount(0);
    expect(await row.innerText()).toBe(newest);

    const waiting = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download CSV' }).click();
    const table = readFileSync(await (await waiting).path(), 'utf8').trim().split('\r\n');
    expect(table[0]).toContain('"actor_name"');
    expect(table.length).toBeGreaterThan(3);
    expect(table.slice(1).every((line) => line.includes('"import"'))).toBe(true);
  });

  test('says below its form what cannot be asked for, on a phone too', async ({ allow, page }) => {
    allow(/status of 400/);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto('/audit?import=twelve');
    await expect(page.getByRole('alert')).toContainText('is no import');
    await expect(page.getByLabel('Import', { exact: true })).toHaveValue('twelve');
    await accessible(page);
    await page.getByRole('link', { name: 'Show the whole audit' }).click();
    await expect(page).toHaveURL('/audit');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });
});
