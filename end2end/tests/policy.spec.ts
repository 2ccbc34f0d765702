import { expect, test } from '../fixtures';
import { everyPage, SILENT } from '../support/pages';

// What the policy refuses is an error on the console, and any error there fails a test (fixtures.ts).
for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page keeps to its policy, ${colorScheme}`, async ({ allow, api, page, scheduler }) => {
    test.setTimeout(60_000);
    allow(/status of 40[04]|does not conform to the required format/);
    await page.emulateMedia({ colorScheme });
    for (const { path, status } of await everyPage(api)) {
      const answer = await page.goto(path);
      expect(answer?.status(), path).toBe(status);
      const policy = (await answer?.headerValue('content-security-policy')) ?? '';
      expect(policy, path).toMatch(/^default-src 'none'; script-src 'nonce-[\w-]{22}' 'strict-dynamic' 'wasm-unsafe-eval';/);
      expect(policy, path).not.toContain("'unsafe-");
      // Its sheet has come, and its scripts have run.
      expect(await page.evaluate(() => getComputedStyle(document.body).margin), path).toBe('0px');
      if (path.startsWith('/scheduler') || path === '/') await scheduler.hydrated();
      else if (!SILENT.includes(path)) await expect(page.locator('html.scripted'), path).toHaveCount(1);
    }
  });
}

test('what a page holds without its nonce neither runs nor shows', async ({ allow, page }) => {
  allow(/the policy refused|Content Security Policy/);
  await page.route('/imports', async (route) => {
    const answer = await route.fetch();
    const html = (await answer.text()).replace(
      '<main',
      '<script>window.ran = 1</script><script src="/favicon.svg"></script><img src="data:," onerror="window.ran = 2"><style>h1 { color: red }</style><base href="https://evil.example/"><main',
    );
    await route.fulfill({ response: answer, body: html });
  });
  const refused: string[] = [];
  page.on('console', (message) => {
    const what = /the policy refused ([\w-]+)/.exec(message.text())?.[1];
    if (what) refused.push(what);
  });
  await page.goto('/imports');
  await expect(page.locator('html.scripted')).toHaveCount(1);
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
  expect(new Set(refused)).toEqual(new Set(['script-src-elem', 'script-src-attr', 'style-src-elem', 'base-uri', 'img-src']));
});
