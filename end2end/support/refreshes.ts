// The page's refreshes, one by one.
import { type Page, expect } from '@playwright/test';

import { EVENTS, PAGE_DATA, type SchedulerPage } from './page';

/**
 * Opens the page with its clock in the test's hands, just after a refresh, and without news from the server: it has to
 * look by itself. Answers what counts the refreshes.
 */
export async function opened(page: Page, scheduler: SchedulerPage, path = '/'): Promise<() => number> {
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().includes('/api/scheduler_page')) asked += 1;
  });
  // An answer without content ends the connection for good (HTML Standard §9.2.3).
  await page.route(EVENTS, (route) => route.fulfill({ status: 204 }));
  await page.clock.install();
  await scheduler.open(path);
  // The jump makes what is due happen once: the refresh, whose next is 10 seconds later.
  const answer = page.waitForResponse(PAGE_DATA);
  await page.clock.pauseAt(Date.now() + 60_000);
  await (await answer).finished();
  await expect(scheduler.freshness).toContainText('just now');
  return () => asked;
}

/** Lets so many seconds pass, in which one refresh is answered. */
export async function refreshed(page: Page, seconds: number): Promise<void> {
  const answer = page.waitForResponse(PAGE_DATA);
  await page.clock.runFor(seconds * 1000);
  await (await answer).finished();
}
