import { expect, test } from '../fixtures';
import { accessible } from '../support/axe';

// No other test asks the feed for these days: what it answered is remembered.
const MONTH = '/coverage?month=2025-03';

/** A game that is drawn each day from 14 January to 31 March 2025, but for two days. */
function almostWhole(): string {
  const days = Array.from({ length: 77 }, (_, nth) => new Date(Date.UTC(2025, 0, 14 + nth)).toISOString().slice(0, 10));
  const there = days.filter((day) => day !== '2025-03-11' && day !== '2025-03-18');
  const results = there.map((day) => ({ game_id: 1, result_date: day, result_3up: '082', status: 'completed' }));
  return JSON.stringify({ games: [{ id: 1, base_game_id: 'X01', game_name: 'ดาวโจนส์ VIP' }], results });
}

test.describe('the coverage', () => {
  test.beforeEach(async ({ api }) => {
    await api.importBackup('almost.json', almostWhole());
  });

  test('fetches just the days that are ticked, or all that are missing', async ({ page }) => {
    await page.goto(MONTH);
    await accessible(page);
    await expect(page.getByRole('checkbox')).toHaveCount(3);
    await page.getByRole('checkbox', { name: 'Fetch 11 Mar 2025' }).check();
    await page.getByRole('button', { name: 'Fetch ticked days' }).click();
    await expect(page).toHaveURL(/\/imports\/\d+$/);
    const only = page.url();
    await expect(page.locator('.badge').first()).toContainText('success', { timeout: 30_000 });
    await page.goto(MONTH);
    // The feed doesn't know this game: it was asked, and the draw still lacks. Its own games lack the weeks after.
    await page.getByRole('button', { name: 'Fetch all 3 missing days' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('3 days, 11–25 Mar 2025');
    await expect(page.locator('.badge').first()).toContainText('success', { timeout: 30_000 });
    const both = page.url();
    expect(both).not.toBe(only);
    // Which import asked for a day last, its column tells.
    await page.goto(MONTH);
    await page.getByRole('columnheader', { name: 'Tu 11' }).getByRole('link').click();
    await expect(page).toHaveURL(both);
  });

  test('is read and used by keyboard, on a phone, and as a year', async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(MONTH);
    const box = page.getByRole('region', { name: 'Mar 2025' });
    await box.focus();
    await expect(box).toBeFocused();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => box.evaluate((it) => it.scrollLeft)).toBeGreaterThan(0);
    // The games' names stay where they are.
    const name = box.getByRole('rowheader').last();
    await expect.poll(async () => (await name.boundingBox())?.x ?? 99).toBeLessThan(40);
    await page.getByRole('link', { name: 'Year' }).click();
    await expect(page.getByRole('heading', { name: '2025', exact: true })).toBeVisible();
    await accessible(page);
    await page.getByRole('link', { name: 'Mar', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Mar 2025' })).toBeVisible();
  });
});

test.describe('the coverage without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('says what is to do when nothing is there, and what is wrong with an address', async ({ allow, page }) => {
    allow(/status of 4\d\d/);
    await page.goto('/coverage');
    await expect(page.getByRole('main')).toContainText('There are no games yet.');
    await page.goto('/coverage?month=June');
    await expect(page.getByRole('alert')).toContainText('month: "June" is none from 1900 to 2100.');
    await page.getByRole('searchbox').fill('nothing');
    await page.getByRole('button', { name: 'Show' }).click();
    await expect(page).toHaveURL(/q=nothing/);
  });
});
