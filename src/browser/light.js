// Keeps a page alive that the server renders: what it shows is named by data-live, the imports' numbers or "all". When one
// of them has changed, the page is fetched again, and what differs in its main part takes the old one's place.
(() => {
  const root = document.documentElement;
  const said = document.getElementById('said');
  const live = () => document.querySelector('[data-live]')?.dataset ?? {};
  const watched = () => live().live?.split(' ') ?? [];
  let source, version, waiting, busy, again;
  const morph = (old, now) => {
    if (old.isEqualNode(now)) return;
    // A text is never changed, but replaced: translators take texts away.
    if (old.nodeType !== 1 || old.nodeName !== now.nodeName || old.id !== now.id) return old.replaceWith(now);
    for (const { name } of [...old.attributes]) if (name !== 'open' && !now.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    // What has an id stays itself, wherever it goes: a row below a new one keeps its focus and what is open in it.
    const known = new Map([...old.children].filter(({ id }) => id).map((child) => [child.id, child]));
    let here = old.firstChild;
    for (const child of [...now.childNodes]) {
      const same = child.id ? known.get(child.id) : here && !here.id && here;
      if (!same) {
        old.insertBefore(child, here);
        continue;
      }
      if (same === here) here = here.nextSibling;
      else old.insertBefore(same, here);
      morph(same, child);
    }
    while (here) {
      const next = here.nextSibling;
      here.remove();
      here = next;
    }
  };
  const refetch = async () => {
    waiting = clearTimeout(waiting);
    again = busy;
    if (busy) return;
    busy = true;
    try {
      const address = new URL(location);
      for (const name of ['__path', '__err']) address.searchParams.delete(name);
      const answer = await fetch(address, { headers: { accept: 'text/html' }, signal: AbortSignal.timeout(15_000) });
      // Nobody is signed in any more.
      if (new URL(answer.url).pathname === '/sign-in') return location.reload();
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const main = page.getElementById('main');
      if (answer.status < 500 && main) {
        const { says } = live();
        morph(document.getElementById('main'), main);
        document.title = page.title;
        if (live().says !== says) said.textContent = live().says;
      }
    } catch {
      // The next change, or the next look, tries again.
    }
    busy = false;
    if (again) soon();
  };
  // Many pages hear of a change at once. One that shows many imports is worth less haste than one that shows a single one.
  const soon = () => (waiting ??= setTimeout(refetch, (watched().includes('all') ? 700 : 300) * Math.random()));
  const watch = () => {
    source?.close();
    source = null;
    if (document.hidden || !live().live || !window.EventSource) return;
    source = new EventSource('/events');
    source.addEventListener('hello', ({ data }) => {
      // Newer pages need their own styles.
      version ??= JSON.parse(data).version;
      if (version !== JSON.parse(data).version) return location.reload();
      // What has changed before it listened.
      soon();
    });
    source.addEventListener('change', ({ data }) => {
      const { imports } = JSON.parse(data);
      const shown = watched();
      if (!imports.length || shown.includes('all') || imports.some((id) => shown.includes(`${id}`))) soon();
    });
  };
  document.addEventListener('visibilitychange', () => {
    watch();
    if (!document.hidden) refetch();
  });
  // Without news it looks from time to time. A browser connects anew by itself, but not after an answer that refused it.
  setInterval(() => {
    if (document.hidden || source?.readyState === 1 || !live().live) return;
    if (source?.readyState === 2) watch();
    refetch();
  }, 10_000);
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
