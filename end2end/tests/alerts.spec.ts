import { expect, test } from '../fixtures';
import { accessible } from '../support/axe';

test.describe('alerts', () => {
  test('stand below the Scheduler page, and say what to set where nobody is told', async ({ page }) => {
    await page.goto('/');
    const below = page.getByRole('region', { name: 'Alerts' });
    await expect(below).toContainText('None are sent: no webhook is set.');
    await below.getByRole('link', { name: 'How to set one' }).click();
    await expect(page).toHaveTitle('Alerts · NumWatch');
    await expect(page.getByRole('main')).toContainText('ALERT_WEBHOOK_URL');
    await expect(page.getByRole('button', { name: 'Send a test' })).toHaveCount(0);
    await accessible(page);
  });

  test('fit a phone', async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const path of ['/', '/alerts']) {
      await page.goto(path);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    }
  });
});
