import { expect, test } from '../../fixtures';
import { withReject } from '../../support/backups';

test('a backup is checked, checked again and discarded without scripts', async ({ api, page, scheduler }) => {
  await page.goto('/');
  await scheduler.backup.getByLabel('Backup file').setInputFiles(withReject('odd.json'));
  await scheduler.button('Check first').click();
  const main = page.getByRole('main');
  await expect(main).toContainText('An import would add 1 game and 2 results. 1 of 4 records would be rejected.');
  await api.importSample();
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(main).toContainText('An import would add');
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(main).toContainText('The checked file was let go. Nothing was imported.');
  expect((await api.logs()).map((log) => log.filename)).toEqual(['responseData.json']);
});
