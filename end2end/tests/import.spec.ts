import type { Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { accessible } from '../support/axe';
import { backup, file, truncated } from '../support/backups';
import { BAD_DATE } from '../support/parts';

/** A backup with so many results of no game, and one good one. */
function withRejects(rejects: number): string {
  const content = backup(1, rejects + 1);
  content.results.slice(1).forEach((result) => (result.game_id = 99));
  return JSON.stringify(content);
}

/** Without the events' endpoint the script asks from time to time: nobody hears of a change at once. */
const SOON = { timeout: 15_000 };

/** What the page says to those who can't see it. */
const said = (page: Page) => page.locator('#said');

test.describe('the page of an import', () => {
  test.beforeEach(({ allow }) => allow(/status of 40[49]|events/));

  test('follows the import to its end, and keeps focus and selection', async ({ api, feed, page }) => {
    test.setTimeout(60_000);
    await feed.with('--slow', '1500');
    const id = await api.startRange('2025-06-19', '2025-06-23');
    await page.goto(`/imports/${id}`);
    await expect(page.locator('.badge').first()).toContainText('running');
    await expect(page).toHaveTitle(`Import #${id}, running · NumWatch`);
    await page.getByRole('heading', { level: 1 }).selectText();
    const selected = await page.evaluate(() => getSelection()?.toString());
    const link = page.getByRole('link', { name: 'All imports' });
    await link.focus();
    await expect(page.locator('.badge').first()).toContainText('success', { timeout: 30_000 });
    await expect(page).toHaveTitle(`Import #${id} · NumWatch`);
    await expect(said(page)).toHaveText(`Import #${id} succeeded: Imported 5 days.`);
    await expect(page.getByText('5 imported ✓')).toBeVisible();
    await expect(link).toBeFocused();
    expect(await page.evaluate(() => getSelection()?.toString())).toBe(selected);
  });

  test('leads to all rejects, page by page and as files', async ({ api, page }) => {
    const id = await api.importBackup('odd.json', withRejects(250));
    await page.goto(`/imports/${id}`);
    const rejects = page.locator('#rejects');
    await expect(rejects.getByRole('listitem')).toHaveCount(100);
    await rejects.getByRole('link', { name: 'Later' }).click();
    await rejects.getByRole('link', { name: 'Later' }).click();
    await expect(rejects.getByRole('listitem')).toHaveCount(50);
    await expect(rejects).toContainText('201 to 250 of 250.');
    await expect(rejects.getByRole('link', { name: 'Later' })).toHaveCount(0);
    await rejects.getByRole('link', { name: 'Earlier' }).click();
    await expect(rejects).toContainText('101 to 200 of 250.');
    const waiting = page.waitForEvent('download');
    await rejects.getByRole('link', { name: 'Download CSV' }).click();
    expect((await waiting).suggestedFilename()).toBe(`import-${id}-rejects.csv`);
  });

  test('asks before it removes the log, and says that it is gone', async ({ api, page }) => {
    const id = await api.importBackup('broken.json', truncated('broken.json').buffer);
    await page.goto(`/imports/${id}`);
    await page.getByRole('link', { name: 'Remove…' }).click();
    const dialog = page.getByRole('dialog', { name: `Remove import #${id}?` });
    await expect(dialog).toContainText('It is an open failure');
    await accessible(page);
    await dialog.getByRole('link', { name: 'Keep it' }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole('link', { name: 'Remove…' }).click();
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    await expect(page.getByRole('main')).toContainText(`The log of import #${id} was removed.`);
    expect((await api.logs()).map((log) => log.id)).not.toContain(id);
  });

  test('copies its link', async ({ api, context, page }) => {
    await context.grantPermissions(['clipboard-write']);
    const id = await api.importSample();
    await page.goto(`/imports/${id}`);
    await page.getByRole('button', { name: 'Copy link' }).click();
    await expect(said(page)).toHaveText('Link copied');
    // No page of ours may read what was copied: a person pastes it.
    const link = new URL(`/imports/${id}`, page.url()).href;
    await page.goto('/imports');
    await page.getByRole('searchbox').focus();
    await page.keyboard.press('ControlOrMeta+V');
    await expect(page.getByRole('searchbox')).toHaveValue(link);
  });

  test('hears of a retry that somebody else starts', async ({ api, page }) => {
    const id = await api.importRange(BAD_DATE, BAD_DATE);
    await page.goto(`/imports/${id}`);
    const again = await api.retry(id);
    // Nobody watches what has ended where there are no events: whoever comes back to the page sees it.
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await expect(page.getByRole('link', { name: `#${again}` }).first()).toBeVisible(SOON);
  });

  test('fits a sheet of paper, which says where it is', async ({ api, page }) => {
    const id = await api.importRange('2025-06-10', '2025-06-23');
    await page.goto(`/imports/${id}`);
    await page.emulateMedia({ media: 'print' });
    await expect(page.locator('.address')).toContainText(`/imports/${id}`);
    await expect(page.getByRole('button', { name: 'Copy link' })).toBeHidden();
    await expect(page.getByRole('navigation', { name: 'Pages', exact: true })).toBeHidden();
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
    expect(pdf.match(/\/Type\s*\/Page[^s]/g)).toHaveLength(1);
  });

  // The other two pairs of colours and width are looked at with all other pages.
  for (const { colorScheme, width } of [
    { colorScheme: 'light', width: 360 },
    { colorScheme: 'dark', width: 1280 },
  ] as const) {
    test(`is accessible in ${colorScheme} colours, ${width} pixels wide`, async ({ api, feed, page }) => {
      test.setTimeout(60_000);
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const odd = await api.importBackup('odd.json', withRejects(101));
      const same = await api.importBackup('good.json', file('good.json', backup(1, 2)).buffer);
      const range = await api.importRange('2025-05-20', '2025-06-09');
      await feed.silent();
      const running = await api.startRange('2025-06-20', '2025-06-22');
      for (const path of [odd, same, range, running, 0].map((id) => `/imports/${id}`)) {
        await page.goto(path);
        await accessible(page);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(wider, `${path} is too wide`).toBeLessThanOrEqual(0);
      }
    });
  }
});
