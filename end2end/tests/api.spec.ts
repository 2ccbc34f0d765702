import { expect, test } from '../fixtures';
import { accessible } from '../support/axe';

test.describe('the description of the API', () => {
  test('is read from its index, by type, and as a document', async ({ page }) => {
    await page.goto('/api/docs');
    await expect(page).toHaveTitle('API · NumWatch');
    await page.getByRole('navigation', { name: 'On this page' }).getByRole('link', { name: 'Run a failed import again' }).click();
    const retry = page.locator('#retryImport');
    await expect(retry).toBeVisible();
    await expect(retry).toContainText('Takes the role operator.');
    await expect(retry.getByRole('region', { name: 'retryImport in a shell' })).toContainText('curl -X POST');
    await retry.getByRole('link', { name: '409' }).click();
    await expect(page.locator('#error-409')).toBeInViewport();
    await page.goto('/api/docs#readImport');
    await page.locator('#readImport').getByRole('link', { name: 'Import', exact: true }).click();
    await expect(page.locator('#type-Import')).toBeVisible();
    await accessible(page);

    // What a browser would show of it is sandboxed.
    const address = await page.getByRole('link', { name: '/api/openapi.json' }).first().getAttribute('href');
    const document = await page.request.get(address ?? '');
    expect((await document.json()).openapi).toBe('3.1.0');
  });
});
