import type { Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { PAGE_DATA } from '../support/page';
import { opened, refreshed } from '../support/refreshes';

/** The place after the number that begins here: each of its bytes but the last has the highest bit (postcard's varint). */
function after(body: Buffer, at: number): number {
  while ((body[at] ?? 0) & 0x80) at += 1;
  return at + 1;
}

/** From now on the server's day is this one: the second number of the page's data, behind its edition and its clock. */
async function itIs(page: Page, today: string): Promise<void> {
  const sinceYearOne = Date.parse(today) / 86_400_000 + 719_163;
  const bytes: number[] = [];
  let rest = sinceYearOne * 2;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  await page.route(PAGE_DATA, async (route) => {
    const answer = await route.fetch();
    const body = await answer.body();
    const day = after(body, 4);
    const told = Buffer.concat([body.subarray(0, day), Buffer.from(bytes), body.subarray(after(body, day))]);
    await route.fulfill({ response: answer, body: told });
  });
}

test.describe('the days of a range', () => {
  test('that nobody has touched go with the day', async ({ page, scheduler }) => {
    await opened(page, scheduler);
    const [first, last] = [scheduler.range.getByLabel('First day'), scheduler.range.getByLabel('Last day')];
    await itIs(page, '2031-03-02');
    await refreshed(page, 10);
    await expect(last).toHaveValue('2031-03-02');
    await expect(first).toHaveValue('2031-02-24');
    await expect(last).toHaveAttribute('max', '2031-03-02');
    await expect(scheduler.range.getByRole('button')).toHaveText('Import 7 days');

    // What a person chose stays; the other one goes on.
    await first.fill('2031-03-01');
    await page.unroute(PAGE_DATA);
    await itIs(page, '2031-03-03');
    await refreshed(page, 10);
    await expect(first).toHaveValue('2031-03-01');
    await expect(last).toHaveValue('2031-03-03');
    await expect(scheduler.range.getByRole('button')).toHaveText('Import 3 days');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });

  test('that are no range are told to those who can’t see it', async ({ scheduler }) => {
    await scheduler.open();
    await scheduler.setRange('2025-06-14', '2025-06-13');
    for (const label of ['First day', 'Last day']) {
      const field = scheduler.range.getByLabel(label);
      await expect(field).toHaveAttribute('aria-invalid', 'true');
      await expect(field).toHaveAccessibleDescription('The first day comes after the last.');
    }
    await scheduler.setRange('2025-06-13', '2025-06-14');
    await expect(scheduler.range.getByLabel('First day')).not.toHaveAttribute('aria-invalid');
  });
});
