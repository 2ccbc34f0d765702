// Keeps a page alive that the server renders: what it shows is named by data-live, the imports' numbers or "all". When one
// of them has changed, the page is fetched again, and what differs in its main part takes the old one's place.
(() => {
  const root = document.documentElement;
  const said = document.getElementById('said');
  const live = () => document.querySelector('[data-live]')?.dataset ?? {};
  let source, busy, again;
  const morph = (old, now) => {
    if (old.isEqualNode(now)) return;
    // A text is never changed, but replaced: translators take texts away.
    if (old.nodeType !== 1 || old.nodeName !== now.nodeName || old.id !== now.id) return old.replaceWith(now);
    for (const { name } of [...old.attributes]) if (name !== 'open' && !now.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const [before, after] = [[...old.childNodes], [...now.childNodes]];
    after.forEach((child, nth) => (before[nth] ? morph(before[nth], child) : old.append(child)));
    before.slice(after.length).forEach((child) => child.remove());
  };
  const refetch = async () => {
    again = busy;
    if (busy) return;
    busy = true;
    try {
      const address = new URL(location);
      for (const name of ['__path', '__err']) address.searchParams.delete(name);
      const answer = await fetch(address, { headers: { accept: 'text/html' } });
      if (answer.status < 500) {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const { says } = live();
        morph(document.getElementById('main'), page.getElementById('main'));
        document.title = page.title;
        if (live().says !== says) said.textContent = live().says;
      }
    } catch {
      // The next change, or the next look, tries again.
    }
    busy = false;
    if (again) refetch();
  };
  const watch = () => {
    source?.close();
    source = null;
    if (document.hidden || !live().live || !window.EventSource) return;
    source = new EventSource('/events');
    // What has changed before it listened.
    source.onopen = () => 'poll' in live() && refetch();
    source.addEventListener('change', ({ data }) => {
      const { imports } = JSON.parse(data);
      const shown = live().live?.split(' ') ?? [];
      if (!imports.length || shown.includes('all') || imports.some((id) => shown.includes(`${id}`))) refetch();
    });
  };
  document.addEventListener('visibilitychange', () => {
    watch();
    if (!document.hidden) refetch();
  });
  // Without events, what runs is looked at from time to time.
  setInterval(() => document.hidden || source?.readyState === 1 || !('poll' in live()) || refetch(), 10_000);
  document.addEventListener('click', async ({ target }) => {
    const { copy } = target.dataset;
    if (!copy) return;
    try {
      await navigator.clipboard.writeText(location.origin + copy);
      said.textContent = target.textContent = 'Link copied';
    } catch {
      getSelection().selectAllChildren(document.querySelector('.address a'));
    }
  });
  root.classList.add('scripted');
  watch();
})();
