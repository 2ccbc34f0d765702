import { expect, test } from '../fixtures';
import { opened, refreshed } from '../support/refreshes';
import { BAD_DATE } from '../support/parts';

test.describe('rows that arrive in one refresh', () => {
  for (const count of [2, 20]) {
    test(`${count} of them leave the others in their places`, async ({ api, page, scheduler }) => {
      await page.setViewportSize({ width: 1280, height: 500 });
      const id = await api.importRange('2025-06-10', BAD_DATE);
      for (let times = 0; times < 8; times += 1) await api.importSample();
      await opened(page, scheduler);
      const row = scheduler.row(id);
      await row.getByText('1 of 9 days failed: ').selectText();
      const retry = scheduler.button(`Retry import #${id}`);
      await retry.focus();
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight - innerHeight - 40));
      const top = () => row.evaluate((element) => Math.round(element.getBoundingClientRect().top));
      const before = await top();

      // Whatever leaves the table is noted, whether or not it comes back.
      await scheduler.table.evaluate((table) => {
        const gone: string[] = [];
        Object.assign(window, { gone });
        new MutationObserver((changes) => {
          for (const { removedNodes } of changes) {
            for (const node of removedNodes) if (node instanceof HTMLTableRowElement) gone.push(node.id);
          }
        }).observe(table, { childList: true, subtree: true });
      });
      const old = (await api.logs()).map((log) => log.id);
      for (let times = 0; times < count; times += 1) await api.importSample();
      await refreshed(page, 10);
      await expect(scheduler.rows).toHaveCount(count === 2 ? 11 : 21);

      const stay = new Set([id, ...(await api.logs()).map((log) => log.id)]);
      const left = old.filter((log) => !stay.has(log)).map((log) => `import-${log}`);
      const gone = await page.evaluate(() => (window as unknown as { gone: string[] }).gone);
      expect(gone.sort()).toEqual(left.sort());
      await expect(retry).toBeFocused();
      expect(await page.evaluate(() => getSelection()?.toString())).toContain('1 of 9 days failed');
      expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
    });
  }
});
