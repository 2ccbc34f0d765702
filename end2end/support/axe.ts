import AxeBuilder from '@axe-core/playwright';
import { type Page, expect } from '@playwright/test';

/** Nothing on the page, as it stands, breaks WCAG 2.2 AA as far as a program can tell. */
export async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    // What is all right needs no list of where it stands.
    .options({ resultTypes: ['violations'] })
    // Nothing stands in a frame, so that no second page is needed to put results together.
    .setLegacyMode()
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const found = violations.map(({ help, id, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`);
  expect(found).toEqual([]);
}
