// A server with accounts: what a viewer, an operator and an admin find, and today's client, which signs in from its own origin.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, type Page, expect, test } from '@playwright/test';

import { walkAccounts, walkOwnAccount, walkTokens } from '../support/accounts';
import { CLIENT_ADDR, CLIENT_SITE, PROGRAM, SIGNED_DATABASE, SIGNED_SITE } from '../support/parts';
import { SchedulerPage } from '../support/page';

const ROLES = ['viewer', 'operator', 'admin'] as const;
type Role = (typeof ROLES)[number];
const passwords = new Map<Role, string>();

/** Runs a command of NumWatch's; answers what it prints. */
function numwatch(...words: string[]): string {
  const env = { ...process.env, DATABASE_URL: SIGNED_DATABASE, DATABASE_OWNER_URL: '', DATABASE_URL_FILE: '', RUST_LOG: 'error' };
  return execFileSync(PROGRAM, words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

async function signIn(page: Page, role: Role, password = passwords.get(role) ?? ''): Promise<void> {
  await page.getByLabel('Name').fill(role);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** A browser of its own in which somebody has signed in. */
async function signedIn(browser: Browser, role: Role, path = '/'): Promise<Page> {
  const context = await browser.newContext({ baseURL: SIGNED_SITE, locale: 'en-GB', timezoneId: 'Asia/Bangkok' });
  const page = await context.newPage();
  await page.goto(path);
  await signIn(page, role);
  await expect(page.getByRole('region', { name: 'Who is signed in' })).toBeVisible();
  return page;
}

test.use({ baseURL: SIGNED_SITE });
test.beforeAll(() => {
  // After a test that failed the accounts are there already.
  const known = numwatch('user', 'list');
  for (const role of ROLES) {
    const words = known.includes(`${role} `) ? ['reset', role] : ['add', role, '--role', role];
    passwords.set(role, numwatch('user', ...words, '--generate'));
  }
});

test('whoever comes signs in, without scripts too, and gets to where they wanted', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: SIGNED_SITE, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/imports?status=failed');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await expect(page.getByLabel('Name')).toBeFocused();
  await signIn(page, 'viewer', 'wrong horse battery');
  await expect(page.getByRole('alert')).toHaveText('There is no such account, or the password is another one.');
  await expect(page.getByLabel('Name')).toHaveValue('viewer');
  await signIn(page, 'viewer');
  await expect(page).toHaveURL('/imports?status=failed');
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: 'numwatch', httpOnly: true, sameSite: 'Lax', path: '/' });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('status')).toHaveText('You are signed out.');
  await page.goto('/imports');
  await expect(page).toHaveURL(/\/sign-in/);
  await context.close();
});

test('a viewer sees everything and is shown nothing that only others can use', async ({ browser }) => {
  const page = await signedIn(browser, 'viewer');
  const scheduler = new SchedulerPage(page);
  await scheduler.hydrated();
  for (const name of ['Run now', 'Stop the scheduler', 'Clear logs…']) await expect(page.getByRole('button', { name })).toBeHidden();
  await expect(scheduler.sample).toBeHidden();
  await expect(page.getByRole('link', { name: 'Accounts' })).toBeHidden();
  // Who asks all the same is told why not.
  const refused = await page.request.post('/import-sample-data', { headers: { 'sec-fetch-site': 'same-origin' } });
  expect(refused.status()).toBe(403);
  expect(((await refused.json()) as { detail: string }).detail).toContain('viewer has the role viewer and may not run imports');
  await page.context().close();
});

test('an open page notices that its session has ended', async ({ browser }) => {
  const page = await signedIn(browser, 'operator');
  await new SchedulerPage(page).hydrated();
  const light = await page.context().newPage();
  await light.goto('/imports');
  await light.getByRole('button', { name: 'Sign out' }).click();
  await expect(light).toHaveURL(/\/sign-in/);
  // It asks again within ten seconds, and leads to where one signs in.
  await expect(page).toHaveURL(/\/sign-in/, { timeout: 20_000 });
  await page.context().close();
});

test('what an operator did stands on the import and in the audit, which admins read', async ({ browser }) => {
  const operator = await signedIn(browser, 'operator');
  const scheduler = new SchedulerPage(operator);
  await scheduler.hydrated();
  await operator.getByRole('button', { name: 'Import sample', exact: true }).click();
  // What it says of it changes within milliseconds.
  await expect(scheduler.rows.first()).toContainText('responseData.json');
  await operator.goto('/imports');
  await operator.locator('main a[href^="/imports/"]').first().click();
  await expect(operator.getByText('operator, through the page')).toBeVisible();
  const refused = await operator.goto('/audit');
  expect(refused?.status()).toBe(403);
  const admin = await signedIn(browser, 'admin', '/audit?actor=operator&action=import');
  await expect(admin.getByRole('rowheader', { name: /^Asked for an import/ }).first()).toBeVisible();
  for (const path of ['/audit', '/accounts', '/account', '/']) {
    await admin.goto(path);
    const { violations } = await new AxeBuilder({ page: admin }).analyze();
    expect(violations, path).toEqual([]);
  }
  await operator.context().close();
  await admin.context().close();
});

test('an admin adds, changes and disables accounts and tokens; everybody changes their own password', async ({ browser }) => {
  test.setTimeout(60_000);
  const admin = await signedIn(browser, 'admin');
  await walkAccounts(admin, `malee${Date.now()}`);
  await walkTokens(admin, `nightly${Date.now()}`);
  await admin.context().close();
  const viewer = await signedIn(browser, 'viewer');
  await walkOwnAccount(viewer, passwords.get('viewer') ?? '');
  await viewer.context().close();
});

test('today’s client signs in from its own origin and drives its Scheduler page', async ({ page }) => {
  const client = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<h1>Today’s client</h1>'));
  const [host, port] = CLIENT_ADDR.split(':');
  await new Promise<void>((listens) => client.listen(Number(port), host, listens));
  try {
    await page.goto(`${CLIENT_SITE}/`);
    const got = await page.evaluate(
      async ({ site, username, password }) => {
        const got: [string, number, unknown][] = [];
        let token = '';
        const ask = async (method: string, path: string, body?: unknown) => {
          const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
          if (body) headers['Content-Type'] = 'application/json';
          const answer = await fetch(site + path, { method, headers, body: body ? JSON.stringify(body) : null });
          const json = (await answer.json()) as Record<string, unknown>;
          got.push([`${method} ${path}`, answer.status, Array.isArray(json) ? json.length : Object.keys(json).sort().join()]);
          return json;
        };
        await ask('GET', '/auth/me');
        await ask('POST', '/auth/login', { username, password: 'wrong' });
        const signedIn = await ask('POST', '/auth/login', { username, password });
        token = String(signedIn.access_token);
        await ask('GET', '/auth/me');
        // Its Scheduler page: status and logs, every ten seconds; its buttons; its upload, which adds what the file was called.
        await ask('GET', '/scheduler/status');
        await ask('GET', '/import-logs');
        await ask('POST', '/import-sample-data');
        await ask('POST', '/import-backup', { games: [], results: [], _metadata: { filename: 'b.json', file_size: 2 } });
        await ask('POST', '/scheduler/trigger');
        await ask('GET', '/import-logs');
        await ask('DELETE', '/import-logs');
        await ask('POST', '/scheduler/stop');
        return got;
      },
      { site: SIGNED_SITE, username: 'operator', password: passwords.get('operator') ?? '' },
    );
    const statuses = Object.fromEntries(got.map(([asked, status], nth) => [`${nth} ${asked}`, status]));
    expect(statuses).toEqual({
      '0 GET /auth/me': 401,
      '1 POST /auth/login': 401,
      '2 POST /auth/login': 200,
      '3 GET /auth/me': 200,
      '4 GET /scheduler/status': 200,
      '5 GET /import-logs': 200,
      '6 POST /import-sample-data': 200,
      '7 POST /import-backup': expect.any(Number),
      '8 POST /scheduler/trigger': expect.any(Number),
      '9 GET /import-logs': 200,
      // What an operator may not.
      '10 DELETE /import-logs': 403,
      '11 POST /scheduler/stop': 403,
    });
    expect(got[2]?.[2]).toBe('access_token,token_type');
    expect(got[3]?.[2]).toBe('created_at,email,id,last_login,role,username');
  } finally {
    client.close();
  }
});
