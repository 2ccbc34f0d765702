// What others do to the document: translators and extensions of the browser.
import type { Page } from '@playwright/test';

/** Puts a text of its own in the place of each text on the page, and of each that comes, as Chrome's translator does. */
export async function translate(page: Page): Promise<void> {
  await page.evaluate(() => {
    const take = (node: Node) => {
      const exempt = 'font, script, style, noscript, [translate="no"]';
      if (!node.nodeValue?.trim() || !node.parentElement || node.parentElement.closest(exempt)) return;
      const [outer, inner] = [document.createElement('font'), document.createElement('font')];
      inner.textContent = node.nodeValue;
      outer.append(inner);
      (node as Text).replaceWith(outer);
    };
    const takeAll = (root: Node) => {
      const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const found: Node[] = root instanceof Text ? [root] : [];
      while (texts.nextNode()) found.push(texts.currentNode);
      found.forEach(take);
    };
    takeAll(document.body);
    new MutationObserver((changes) => {
      for (const { addedNodes, target, type } of changes) {
        if (type === 'characterData') take(target);
        addedNodes.forEach(takeAll);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

/** Holds the page's part in wasm back; answers what lets it go. */
export async function withoutWasm(page: Page): Promise<() => void> {
  let go = () => {};
  const gone = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/*.wasm', async (route) => {
    await gone;
    await route.continue();
  });
  return go;
}
