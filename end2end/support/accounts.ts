// What an admin does on the page of accounts, and anybody on their own: walks through both, by a page that is signed in.
import { type Page, expect } from '@playwright/test';

import { accessible } from './axe';

/** The row of an account or a token. */
const rowOf = (page: Page, table: string, name: string) =>
  page.getByRole('table', { name: table }).getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });

/** What the page shows this once. */
const shownOnce = (page: Page) => page.locator('#secret');

/** Adds an account, and answers its password. */
export async function addAccount(page: Page, name: string, role: string): Promise<string> {
  await page.goto('/accounts');
  const form = page.getByRole('form', { name: 'Add an account' });
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Role').selectOption(role);
  await form.getByRole('button', { name: 'Add account' }).click();
  await expect(page.getByRole('heading', { name: `Added the account ${name}` })).toBeVisible();
  return shownOnce(page).innerText();
}

/** As an admin: an account comes, changes, and goes, and what is shown once is. `name` is one that nobody has yet. */
export async function walkAccounts(page: Page, name: string): Promise<void> {
  const first = await addAccount(page, name, 'viewer');
  expect(first).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
  await accessible(page);
  // The browser sends the form again: it makes no other password.
  await page.reload();
  await expect(page.getByRole('alert')).toContainText(`There is an account "${name}" already`);
  await expect(page.getByRole('form', { name: 'Add an account' }).getByLabel('Name')).toHaveValue(name);
  await expect(shownOnce(page)).toHaveCount(0);
  await accessible(page);

  await page.goto('/accounts');
  const row = rowOf(page, 'Accounts', name);
  await row.getByRole('link', { name: 'Role…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toHaveAccessibleName(`Another role for ${name}`);
  await expect(dialog.getByRole('link', { name: 'Leave it' })).toBeFocused();
  await dialog.getByLabel('Role').selectOption('operator');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Change the role' }).click();
  await expect(page.getByRole('status').first()).toContainText(`${name} has the role operator and was signed out.`);

  await row.getByRole('link', { name: 'Reset password…' }).click();
  await dialog.getByRole('button', { name: 'Reset the password' }).click();
  const second = await shownOnce(page).innerText();
  expect(second).not.toBe(first);
  await page.reload();
  await expect(page.getByRole('alert')).toContainText('was changed since this was asked');
  await expect(shownOnce(page)).toHaveCount(0);

  await page.goto('/accounts');
  await row.getByRole('link', { name: 'Disable…' }).click();
  await dialog.getByRole('link', { name: 'Leave it' }).click();
  await expect(row).toContainText('active');
  await row.getByRole('link', { name: 'Disable…' }).click();
  await dialog.getByRole('button', { name: 'Disable it' }).click();
  await expect(row).toContainText('disabled');
  await accessible(page);
}

/** As an admin: a token comes, is good, and is revoked. `name` is one that no token ever had. */
export async function walkTokens(page: Page, name: string): Promise<void> {
  await page.goto('/accounts');
  const form = page.getByRole('form', { name: 'Add a token' });
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Good for').selectOption('30 days');
  await form.getByRole('button', { name: 'Add token' }).click();
  const token = await shownOnce(page).innerText();
  expect(token).toMatch(/^nw_[0-9a-f]{64}$/);
  // As a program asks: without the browser's cookie.
  const status = async () => {
    const answer = await fetch(new URL('/import-logs', page.url()), { headers: { authorization: `Bearer ${token}` } });
    return answer.status;
  };
  expect(await status()).toBe(200);
  await page.getByRole('link', { name: 'I have it' }).click();
  const row = rowOf(page, 'Tokens for programs', name);
  await row.getByRole('link', { name: 'Revoke…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke it' }).click();
  await expect(row).toContainText('revoked');
  expect(await status()).toBe(401);
}

/** As anybody with this password: it becomes another one, and back. */
export async function walkOwnAccount(page: Page, password: string): Promise<void> {
  const change = async (present: string, next: string, again: string) => {
    await page.getByLabel('Present password').fill(present);
    await page.getByLabel('New password').fill(next);
    await page.getByLabel('The new one again').fill(again);
    await page.getByRole('button', { name: 'Change the password' }).click();
  };
  await page.goto('/account');
  await expect(page.getByRole('row').filter({ hasText: 'this one' })).toHaveCount(1);
  await accessible(page);
  const other = 'a few words of another kind';
  await change(password, other, `${other}s`);
  await expect(page.getByRole('alert')).toContainText('typed in two ways');
  await expect(page.getByLabel('Present password')).toHaveValue('');
  await expect(page.getByLabel('Present password')).toBeFocused();
  await accessible(page);
  await change(password, other, other);
  await expect(page.getByRole('status').first()).toContainText('The password was changed.');
  await change(other, password, password);
  await expect(page.getByRole('status').first()).toContainText('The password was changed.');
}
