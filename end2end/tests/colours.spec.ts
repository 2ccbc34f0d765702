import { expect, test } from '../fixtures';

test('where the reader’s own colours hold, bars and dots show, and rows have headers', async ({
  api,
  feed,
  page,
  scheduler,
}) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await feed.silent();
  const id = await api.startRange('2025-06-20', '2025-06-21');
  await scheduler.open();
  const row = scheduler.row(id);
  await expect(row.getByRole('rowheader')).toContainText('20–21 Jun');
  const colours = (element: Element) => {
    const style = getComputedStyle(element);
    const ground = getComputedStyle(document.body).backgroundColor;
    return { shows: style.backgroundColor !== ground && style.backgroundColor !== 'rgba(0, 0, 0, 0)', edge: style.borderTopWidth };
  };
  const bar = row.getByRole('progressbar');
  expect((await bar.evaluate(colours)).edge).toBe('1px');
  const filled = bar.evaluate((element) => getComputedStyle(element, '::-webkit-progress-value').backgroundColor);
  expect(await filled).not.toBe(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
  const dot = await scheduler.scheduler.locator('.dot').evaluate(colours);
  expect(dot).toEqual({ shows: true, edge: '1px' });
});
