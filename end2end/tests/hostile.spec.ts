import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from '../fixtures';
import { attack } from '../support/hostile';
import { SITE } from '../support/parts';

// Another site by name, and the same site at another port: neither is this server.
for (const host of ['evil.localhost', '127.0.0.1']) {
  test(`a hostile page at ${host} changes nothing and reads nothing`, async ({ allow, api, context, page, request }) => {
    allow(/./);
    test.setTimeout(60_000);
    await api.importSample();
    const state = async () => {
      const { games, results } = await api.export();
      const { enabled, stopped_at } = (await (await request.get('/scheduler/status')).json()) as Record<string, unknown>;
      return { logs: await api.logs(), games, results, enabled, stopped_at };
    };
    const before = await state();
    const hostile = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<h1>Win!</h1>'));
    await new Promise<void>((listens) => hostile.listen(0, '127.0.0.1', listens));
    try {
      const answers: Record<string, number> = {};
      const note = (method: string, url: string, status: number) => {
        const { origin, pathname, search } = new URL(url);
        if (origin === SITE) answers[`${method} ${pathname}${search}`] = status;
      };
      context.on('response', (response) => note(response.request().method(), response.url(), response.status()));
      await page.goto(`http://${host}:${(hostile.address() as AddressInfo).port}/`);
      // An answer that is kept from the page altogether is only seen below, by whoever looks at the process that the page is in now.
      const devtools = await context.newCDPSession(page);
      await devtools.send('Network.enable');
      // The two come from two processes, in either order.
      const asked = new Map<string, { method: string; url: string }>();
      const answered = new Map<string, number>();
      const both = (id: string) => {
        const [request, status] = [asked.get(id), answered.get(id)];
        if (request && status) note(request.method, request.url, status);
      };
      devtools.on('Network.requestWillBeSent', ({ requestId, request }) => {
        asked.set(requestId, request);
        both(requestId);
      });
      devtools.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) => {
        answered.set(requestId, statusCode);
        both(requestId);
      });
      const seen = await page.evaluate(attack, SITE);

      // Nothing of another site is read.
      for (const [attempt, came] of Object.entries(seen)) {
        expect(came, attempt).toBe(attempt.includes('CORS') ? 'refused' : 'error');
      }
      // What a browser sends without asking is refused as what it is.
      const changes = () => Object.fromEntries(Object.entries(answers).filter(([asked]) => /^(POST|DELETE)/.test(asked)));
      await expect.poll(changes).toEqual({
        'POST /scheduler/stop': 403,
        'POST /scheduler/trigger': 403,
        'POST /import-sample-data': 403,
        'POST /scheduler/import-dates': 403,
        'POST /import-backup': 403,
        'POST /import-logs/1/undo': 403,
        'POST /api/clear_import_logs': 403,
        'POST /imports/backup': 403,
        'POST /scheduler/stop?form': 403,
        'POST /imports/backup?form': 403,
        'POST /imports/bulk?form': 403,
      });
      // The page shows in no frame.
      const frames = page.frames().filter((frame) => frame !== page.mainFrame());
      for (const frame of frames) expect(await frame.getByRole('heading', { name: 'Scheduler' }).count()).toBe(0);
      expect(answers['GET /']).toBe(200);

      // A window that it opens is out of its reach, and it out of the window's.
      const opens = context.waitForEvent('page');
      await page.evaluate((site) => {
        (window as { opened?: Window | null }).opened = open(`${site}/imports`);
      }, SITE);
      const opened = await opens;
      await opened.waitForLoadState();
      expect(await opened.evaluate(() => window.opener === null)).toBe(true);
      expect(await page.evaluate(() => (window as { opened?: Window | null }).opened?.closed)).toBe(true);
      await opened.close();

      // A click on its form leads to a refusal, and nowhere else.
      const refused = page.waitForResponse(`${SITE}/scheduler/stop`);
      await page.evaluate((site) => {
        const form = document.createElement('form');
        Object.assign(form, { action: `${site}/scheduler/stop`, method: 'post' });
        document.body.append(form);
        form.submit();
      }, SITE);
      expect((await refused).status()).toBe(403);
      expect(await state()).toEqual(before);
    } finally {
      hostile.close();
      hostile.closeAllConnections();
    }
  });
}
