import { expect, test } from '../fixtures';
import { accessible } from '../support/axe';
import { backup, oneDraw } from '../support/backups';

test.describe('undo', () => {
  test('asks with the numbers, takes the import back, and says so everywhere', async ({ api, page, scheduler }) => {
    const id = await api.importBackup('wrong.json', JSON.stringify(backup(2, 150)));
    await page.goto(`/imports/${id}`);
    await page.getByRole('link', { name: 'Undo…' }).click();
    const dialog = page.getByRole('dialog', { name: `Undo import #${id}?` });
    await expect(dialog).toContainText('300 results and 2 games are removed');
    await dialog.getByText('To be removed').click();
    await expect(dialog.getByRole('row')).toHaveCount(1 + 2 + 100);
    await expect(dialog).toContainText('The first 102 of 302.');
    await accessible(page);
    await dialog.getByRole('link', { name: 'Leave it' }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole('link', { name: 'Undo…' }).click();
    await dialog.getByRole('button', { name: 'Undo it' }).click();
    await expect(page.getByRole('main')).toContainText('Undone since: 300 results removed, 2 games removed.');
    await expect(page.getByText('What it brought was undone from the page')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Undo…' })).toHaveCount(0);
    expect((await api.export()).results).toEqual([]);
    await scheduler.open();
    await expect(scheduler.row(id)).toContainText('undone');
  });

  test('leaves what another import has changed since, and names it', async ({ api, page }) => {
    const drawn = oneDraw('282');
    const waiting = { ...drawn, results: drawn.results.map((result) => ({ ...result, result_3up: null, status: 'waiting' })) };
    const id = await api.importBackup('waiting.json', JSON.stringify(waiting));
    const other = await api.importBackup('drawn.json', JSON.stringify(drawn));
    await page.goto(`/imports/${id}?ask=undo`);
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('stay: changed by others since');
    await dialog.getByText('To stay').click();
    await expect(dialog.getByRole('link', { name: `#${other}` }).first()).toBeVisible();
  });
});
