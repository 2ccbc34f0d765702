import { expect, test } from '../fixtures';
import { accessible } from '../support/axe';
import { backup } from '../support/backups';

const LONG = 'หวยหุ้นดาวโจนส์วีไอพีพิเศษรอบดึกประจำวันจันทร์ถึงวันศุกร์ที่มีชื่อยาวมาก';

/** Three games with a result on each of so many days. */
function games(days: number): string {
  const content = backup(3, days);
  content.games.forEach((game, nth) => (game.game_name = ['ดาวโจนส์', 'Nikkei', LONG][nth] ?? ''));
  const [last] = content.results.slice(-1);
  if (last) last.status = 'cancelled';
  return JSON.stringify(content);
}

test.describe('the results', () => {
  test('are searched by game, date and status, and lead to a game and a day of it', async ({ api, page }) => {
    await api.importBackup('all.json', games(60));
    await page.goto('/');
    await page.getByRole('link', { name: 'Results', exact: true }).click();
    await expect(page).toHaveTitle('Results · NumWatch');
    const rows = page.getByRole('table', { name: 'Draws' }).locator('tbody').getByRole('row');
    await expect(rows).toHaveCount(50);
    await page.getByLabel('Game: part of its name or id').fill('nikk');
    await page.getByLabel('From').fill('2024-01-10');
    await page.getByLabel('To').fill('2024-01-12');
    await page.keyboard.press('Enter');
    await expect(rows).toHaveCount(3);
    await expect(rows.first()).toContainText('Fri 12 Jan 2024');
    await rows.first().getByRole('link', { name: 'Fri 12 Jan 2024' }).click();
    await expect(page).toHaveURL('/results/L03-01-000501?date=2024-01-12#2024-01-12');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Nikkei');
    await expect(page.locator('[id="2024-01-12"]')).toBeInViewport();
    await page.getByRole('link', { name: 'All results' }).click();
    await page.getByRole('link', { name: 'Cancelled' }).click();
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText(LONG);
  });

  test('go back page by page, and forth again', async ({ api, page }) => {
    await api.importBackup('all.json', games(60));
    await page.goto('/results');
    const first = page.getByRole('table').locator('tbody').getByRole('row').first();
    const newest = await first.innerText();
    for (const name of ['Older', 'Older', 'Older', 'Newer', 'Newer', 'Newer']) await page.getByRole('link', { name }).click();
    await expect(page.getByRole('link', { name: 'Newer' })).toHaveCount(0);
    expect(await first.innerText()).toBe(newest);
  });

  test('are to be had as a table', async ({ api, page }) => {
    await api.importBackup('all.json', games(2));
    await page.goto('/results?game=nikkei');
    const waiting = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download CSV' }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('results.csv');
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString().trim().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain('"L03-01-000501","Nikkei","2024-01-02","001",');
  });

  for (const { colorScheme, width } of [
    { colorScheme: 'light', width: 390 },
    { colorScheme: 'dark', width: 1280 },
  ] as const) {
    test(`are accessible in ${colorScheme} colours, ${width} pixels wide`, async ({ allow, api, page }) => {
      allow(/status of 40[04]/);
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.goto('/results');
      await expect(page.getByText('No results yet.')).toBeVisible();
      await accessible(page);
      await api.importBackup('all.json', games(60));
      for (const path of ['/results', '/results?game=none', '/results?status=odd', '/results/L03-01-000502', '/results/none']) {
        await page.goto(path);
        await accessible(page);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(wider, `${path} is too wide`).toBeLessThanOrEqual(0);
      }
    });
  }
});
