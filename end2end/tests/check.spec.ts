import { expect, test } from '../fixtures';
import { accessible } from '../support/axe';
import { backup, file, oneDraw, truncated, withReject } from '../support/backups';

test.describe('a check of a backup', () => {
  test('tells what its import would do, and imports it from there with one click', async ({ api, page, scheduler }) => {
    await api.importBackup('first.json', JSON.stringify(oneDraw('111')));
    const before = await api.logs();
    await scheduler.open();
    const content = backup(2, 3);
    await scheduler.backup.getByLabel('Backup file').setInputFiles(file('checked ก.json', content));
    await scheduler.button('Check first').click();
    await expect(page).toHaveURL(/\/checked\/[0-9a-f-]{36}$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('checked ก.json');
    const main = page.getByRole('main');
    await expect(main).toContainText(
      'An import would add 1 game and 5 results. 1 result differs from the stored one, which stays.',
    );
    await expect(main.getByRole('row', { name: /111 000/ })).toBeVisible();
    expect(await api.logs()).toEqual(before);
    await accessible(page);

    await page.getByRole('button', { name: 'Import it' }).click();
    await expect(page).toHaveURL(/\/imports\/\d+$/);
    await expect(main).toContainText('Added 1 game and 5 results');
    await page.goBack();
    await page.reload();
    await expect(main).toContainText('This file was imported.');
  });

  test('of a file that can’t be imported says why, and leaves no log', async ({ allow, api, scheduler }) => {
    allow(/status of 422/);
    await scheduler.open();
    await scheduler.backup.getByLabel('Backup file').setInputFiles(truncated('broken.json'));
    await scheduler.button('Check first').click();
    await expect(scheduler.backup.getByRole('alert')).toContainText('Not a backup: the file ends');
    await expect(scheduler.backup).toContainText('broken.json');
    expect(await api.logs()).toEqual([]);
  });

  test('takes one file, and one that is chosen', async ({ scheduler }) => {
    await scheduler.open();
    const said = scheduler.backup.getByRole('alert');
    await scheduler.button('Check first').click();
    await expect(said).toHaveText('Choose a backup file first.');
    await scheduler.backup.getByLabel('Backup file').setInputFiles([withReject('a.json'), withReject('b.json')]);
    await scheduler.button('Check first').click();
    await expect(said).toHaveText('One file is checked at a time. Choose one.');
  });
});
