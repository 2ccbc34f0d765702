import type { Locator } from '@playwright/test';

import { expect, test } from '../fixtures';
import { backup, truncated, withReject } from '../support/backups';
import { COLUMNS } from '../support/page';
import { BAD_DATE } from '../support/parts';

/** A colour as the browser paints it: red, green, blue from 0 to 255. */
async function painted(badge: Locator, property: 'color' | 'backgroundColor'): Promise<number[]> {
  return badge.evaluate((element, name) => {
    const canvas = document.createElement('canvas').getContext('2d');
    if (!canvas) throw new Error('no canvas');
    canvas.fillStyle = getComputedStyle(element)[name];
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  }, property);
}

// Tailwind 4's 100 and 800 of each colour, as it paints in sRGB.
const COLOURS = {
  success: { ground: [220, 252, 231], text: [1, 102, 48] },
  failed: { ground: [255, 226, 226], text: [159, 7, 18] },
  running: { ground: [219, 234, 254], text: [25, 60, 184] },
} as const;

test.describe('import logs', () => {
  test('have exactly the columns that the specification names', async ({ api, scheduler }) => {
    await api.importSample();
    await scheduler.open();
    await expect(scheduler.table.getByRole('columnheader')).toHaveText([...COLUMNS]);
    await expect(scheduler.rows.first().getByRole('rowheader')).toHaveCount(1);
    await expect(scheduler.rows.first().getByRole('cell')).toHaveCount(COLUMNS.length - 1);
  });

  test('show each status in its colours, with a shape beside the word', async ({ api, feed, scheduler }) => {
    await feed.silent();
    await api.importSample();
    await api.importBackup('broken.json', truncated('broken.json').buffer);
    await api.startRange('2025-06-20', '2025-06-20');
    await scheduler.open();
    for (const [status, { ground, text }] of Object.entries(COLOURS)) {
      const badge = scheduler.table.locator('.badge', { hasText: status });
      await expect(badge).toHaveCount(1);
      // One step of 255 may be lost between oklch and the screen.
      for (const [property, expected] of [['backgroundColor', ground], ['color', text]] as const) {
        const colour = await painted(badge, property);
        const distance = Math.max(...colour.map((part, index) => Math.abs(part - (expected[index] ?? 0))));
        expect(distance, `${status}: ${property} is ${colour}`).toBeLessThanOrEqual(1);
      }
      await expect(badge.locator('svg')).toBeVisible();
    }
  });

  test('are the latest 20, newest first', async ({ api, scheduler }) => {
    for (let number = 1; number <= 22; number += 1) {
      await api.importBackup(`backup-${number}.json`, JSON.stringify(backup(1, 1)));
    }
    await scheduler.open();
    await expect(scheduler.rows).toHaveCount(20);
    await expect(scheduler.rows.first()).toContainText('backup-22.json');
    await expect(scheduler.rows.last()).toContainText('backup-3.json');
  });

  test('keep a failure in sight until it is put right', async ({ api, feed, page, scheduler }) => {
    const id = await api.importRange(BAD_DATE, BAD_DATE);
    await feed.with();
    for (let number = 1; number <= 20; number += 1) await api.importSample();
    await scheduler.open();
    await expect(scheduler.rows).toHaveCount(21);
    await expect(page.getByText('latest 20, and 1 older failure still unresolved')).toBeVisible();
    await scheduler.scheduler.getByRole('link', { name: '1', exact: true }).click();
    await expect(scheduler.row(id)).toBeInViewport();
    await scheduler.button(`Retry import #${id}`).click();
    await expect(scheduler.rows.first()).toContainText(`retry of #${id}`);
    // Put right, and older than the latest 20.
    await expect(scheduler.row(id)).toBeHidden();
    await expect(scheduler.rows).toHaveCount(20);
  });

  test('of failures that nobody will retry are dismissed', async ({ api, page, scheduler }) => {
    const id = await api.importRange(BAD_DATE, BAD_DATE);
    for (let number = 1; number <= 20; number += 1) await api.importSample();
    await scheduler.open();
    await expect(scheduler.unresolved).toHaveText('1');
    await scheduler.button(`Dismiss import #${id}`).click();
    await expect(scheduler.messages).toHaveText(`The failure of import #${id} is dismissed.`);
    await expect(scheduler.unresolved).toHaveText('0');
    await expect(scheduler.row(id)).toBeHidden();
    await expect(page.getByText('latest 20', { exact: true })).toBeVisible();
  });

  test('have a row for each open failure, and say where the others are', async ({ api, page, scheduler }) => {
    for (let number = 1; number <= 72; number += 1) {
      await api.importBackup(`broken-${number}.json`, truncated(`broken-${number}.json`).buffer);
    }
    await scheduler.open();
    await expect(scheduler.unresolved).toHaveText('72');
    await expect(scheduler.rows).toHaveCount(70);
    await expect(page.getByText('And 2 more open failures, older than these.')).toBeVisible();
    await page.getByRole('link', { name: 'Show all' }).click();
    await scheduler.hydrated();
    await expect(scheduler.rows).toHaveCount(72);
    await scheduler.button(/^Dismiss import/).last().click();
    // Refreshed, it still shows all that are left.
    await expect(scheduler.unresolved).toHaveText('71');
    await expect(scheduler.rows).toHaveCount(71);
  });

  test('of a success with rejects say how many beside its status', async ({ api, scheduler }) => {
    const id = await api.importBackup('odd.json', withReject('odd.json').buffer);
    await scheduler.open();
    const status = scheduler.cell(scheduler.row(id), 'Status');
    await expect(status).toContainText('success');
    await expect(status.getByText('1 rejected', { exact: true })).toBeVisible();
  });

  test('say what has ended, and how, to those who can’t see it', async ({ api, feed, scheduler }) => {
    await feed.silent();
    const id = await api.startRange('2025-06-20', '2025-06-20');
    await scheduler.open();
    const said = scheduler.messages;
    await expect(said).toBeEmpty();
    await scheduler.button(`Cancel import #${id}`).click();
    await expect(said).toHaveText(
      `Import #${id} was cancelled: Cancelled from the page. Nothing of it was imported; run it again whenever you like.`,
    );
    await feed.asUsual();
    await scheduler.button(`Run again import #${id}`).click();
    await expect(said).toHaveText(/^Import #\d+ succeeded: Imported 1 day\.$/);
  });

  test('tell the time in the reader’s zone, whole on hover, and how long it took', async ({ api, scheduler }) => {
    const id = await api.importSample();
    await scheduler.open();
    const started = scheduler.cell(scheduler.row(id), 'Started');
    const time = started.getByRole('time');
    await expect(time).toHaveText(/^\d\d:\d\d:\d\d$|^Yesterday \d\d:\d\d$/);
    await expect(time).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await expect(time).toHaveAttribute('title', /^[A-Z][a-z]{2} \d+ [A-Z][a-z]{2} \d{4}, \d\d:\d\d:\d\d UTC\+7$/);
    await expect(started).toContainText(/\d+ ms|\d+(\.\d)? s/);
  });

  test('open their details one row at a time, and close them again', async ({ api, scheduler }) => {
    const id = await api.importBackup('small.json', JSON.stringify(backup(1, 2)));
    await scheduler.open();
    const button = scheduler.button(`Details of import #${id}`);
    await expect(button).toHaveAttribute('aria-expanded', 'false');
    const details = await scheduler.openDetails(id);
    await expect(button).toHaveAttribute('aria-expanded', 'true');
    await expect(details).toContainText('Added 1 game and 2 results.');
    await button.click();
    await expect(details).toBeHidden();
    await expect(button).toBeFocused();
  });

  test('lead from their details to everything about an import', async ({ api, page, scheduler }) => {
    const id = await api.importBackup('small.json', JSON.stringify(backup(1, 2)));
    await scheduler.open();
    const details = await scheduler.openDetails(id);
    await details.getByRole('link', { name: `Everything about import #${id}` }).click();
    await expect(page).toHaveURL(`/imports/${id}`);
    const main = page.getByRole('main');
    const counters = ['Games updated', 'Results updated', 'Corrected', 'Unchanged', 'Differing', 'Duplicates', 'Rejected'];
    for (const fact of ['Started', 'Ended', 'the API', 'Rate', ...counters]) {
      await expect(main).toContainText(fact);
    }
    await expect(main).toContainText(/[0-9a-f]{64}/);
  });

  test('can be linked to with their details open', async ({ api, scheduler }) => {
    const id = await api.importSample();
    await scheduler.open(`/?details=${id}`);
    await expect(scheduler.button(`Details of import #${id}`)).toHaveAttribute('aria-expanded', 'true');
    await expect(scheduler.table).toContainText('Everything about import');
  });

  test('lead from the number of unresolved failures to the newest of them', async ({ api, page, scheduler }) => {
    const id = await api.importBackup('broken.json', truncated('broken.json').buffer);
    await scheduler.open();
    await scheduler.scheduler.getByRole('link', { name: '1', exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`#import-${id}$`));
    await expect(scheduler.row(id)).toBeInViewport();
    // It is marked as the one that was asked for.
    expect(await scheduler.row(id).evaluate((row) => row.matches(':target'))).toBe(true);
  });
});
