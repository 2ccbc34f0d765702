import type { Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { large } from '../support/backups';
import { slowUploads } from '../support/network';
import { BAD_DATE } from '../support/parts';

/** The names of what Tab reaches from here until it leaves the page. */
async function reached(page: Page): Promise<string[]> {
  const names: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => {
      const focused = document.activeElement;
      if (!focused || focused === document.body) return null;
      return focused.getAttribute('aria-label') ?? focused.textContent?.trim() ?? '';
    });
    if (name === null) break;
    // A date field is several stops.
    if (name !== names.at(-1)) names.push(name);
  }
  return names;
}

test.describe('by keyboard', () => {
  test('everything is reached, in the order in which it is read', async ({ api, page, scheduler }) => {
    const id = await api.importRange(BAD_DATE, BAD_DATE);
    await scheduler.open();
    const names = await reached(page);
    const expected = [
      'Skip to content',
      'NumWatch',
      'Scheduler',
      '1',
      'Run now',
      'Stop the scheduler',
      'Import sample',
      'Backup file',
      'Import backup',
      'First day',
      'Last day',
      'Import 7 days',
      'Export backup',
      'Clear logs…',
      `Retry import #${id}`,
      `Dismiss import #${id}`,
      `Details of import #${id}`,
    ];
    expect(names.filter((name) => expected.includes(name))).toEqual(expected);
    const places = await page.evaluate(() => {
      const stops = [...document.querySelectorAll<HTMLElement>('main a[href], main button, main input, main summary')];
      return stops.filter((stop) => stop.checkVisibility()).map((stop) => stop.tabIndex);
    });
    expect(places.every((tabIndex) => tabIndex === 0)).toBe(true);
  });

  test('the skip link is seen when focused and leads past the header', async ({ page, scheduler }) => {
    await scheduler.open();
    const skip = page.getByRole('link', { name: 'Skip to content' });
    await expect(skip).not.toBeInViewport();
    await page.keyboard.press('Tab');
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main')).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('main').locator(':focus')).toHaveCount(1);
  });

  test('an import is started, looked at, and its log cleared', async ({ page, scheduler }) => {
    await scheduler.open();
    await scheduler.button('Import sample').focus();
    await page.keyboard.press('Enter');
    await expect(scheduler.cell(scheduler.rows.first(), 'Status')).toContainText('success');
    await expect(scheduler.button('Import sample')).toBeFocused();

    await scheduler.button(/^Details of import/).focus();
    await page.keyboard.press('Space');
    await expect(scheduler.table).toContainText('Everything about import');

    await scheduler.button('Clear logs…').focus();
    await page.keyboard.press('Enter');
    await expect(scheduler.dialog.getByRole('button', { name: 'Keep them' })).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(scheduler.dialog.getByRole('button', { name: 'Clear 1 log' })).toBeFocused();
    // Behind an open dialog nothing is reached.
    expect(await reached(page)).not.toContain('Import sample');
    await scheduler.dialog.getByRole('button', { name: 'Clear 1 log' }).focus();
    await page.keyboard.press('Enter');
    await expect(scheduler.rows).toHaveCount(0);
    await expect(scheduler.button('Clear logs…')).toBeFocused();
  });

  test('the focus goes on to what stays when a button goes away', async ({ allow, api, feed, page, scheduler }) => {
    // An upload that is stopped at once may be unknown yet.
    allow(/status of 404/);
    await feed.silent();
    const id = await api.startRange('2025-06-20', '2025-06-20');
    await scheduler.open();
    await scheduler.button(`Cancel import #${id}`).focus();
    await page.keyboard.press('Enter');
    await expect(scheduler.button(`Cancel import #${id}`)).toBeHidden();
    await expect(scheduler.button(`Details of import #${id}`)).toBeFocused();

    await scheduler.dismissMessage.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main')).toBeFocused();

    await slowUploads(page, 600_000);
    await scheduler.backup.getByLabel('Backup file').setInputFiles(large('slow.json', 3_000_000));
    await scheduler.button('Import backup').focus();
    await page.keyboard.press('Enter');
    await expect(scheduler.button('Stop upload')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(scheduler.button('Import backup')).toBeFocused();
  });

  test('what is focused is outlined', async ({ page, scheduler }) => {
    await scheduler.open();
    await scheduler.button('Run now').focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    await expect(scheduler.button('Run now')).toBeFocused();
    const outline = await scheduler.button('Run now').evaluate((button) => getComputedStyle(button).outlineWidth);
    expect(Number.parseFloat(outline)).toBeGreaterThanOrEqual(2);
  });
});
