// A page of somebody else's, which tries what a page can with its visitor's browser. It runs on the hostile origin.

/** What came of the attempts that a page can see itself. */
export interface Seen {
  [attempt: string]: string;
}

/** Tries everything against `site`, in the page. */
export async function attack(site: string): Promise<Seen> {
  const seen: Seen = {};
  const wait = (what: EventTarget, ...names: string[]) =>
    new Promise<string>((resolve) => {
      for (const name of names) what.addEventListener(name, () => resolve(name), { once: true });
      setTimeout(() => resolve('nothing'), 3000);
    });
  const fetched = (path: string, init: RequestInit) =>
    fetch(site + path, { credentials: 'include', ...init }).then(
      ({ type }) => type,
      () => 'refused',
    );

  // Requests that need no leave to be sent: their answers can't be read, but what they do would be done.
  const plain = { mode: 'no-cors', method: 'POST', headers: { 'content-type': 'text/plain' } } as const;
  await fetched('/scheduler/stop', plain);
  await fetched('/scheduler/trigger', plain);
  await fetched('/import-sample-data', plain);
  await fetched('/scheduler/import-dates', { ...plain, body: '["2025-06-20"]' });
  await fetched('/import-backup', { ...plain, body: '{"games":[],"results":[]}' });
  await fetched('/import-logs/1/undo', plain);
  await fetched('/api/clear_import_logs', { ...plain, body: 'keep_open_failures=false' });
  const form = new FormData();
  form.append('file', new File(['{"games":[],"results":[]}'], 'evil.json'));
  await fetched('/imports/backup', { mode: 'no-cors', method: 'POST', body: form });

  // Requests that ask first.
  seen['DELETE with CORS'] = await fetched('/clear-data', { mode: 'cors', method: 'DELETE' });
  seen['JSON with CORS'] = await fetched('/scheduler/import-dates', {
    mode: 'cors',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '["2025-06-20"]',
  });
  seen['reading with CORS'] = await fetched('/import-logs', { mode: 'cors' });

  // Forms, as a click would send them.
  const submit = async (path: string, multipart: boolean) => {
    const frame = document.createElement('iframe');
    frame.name = `frame${Math.random()}`;
    document.body.append(frame);
    const form = document.createElement('form');
    Object.assign(form, { action: site + path, method: 'post', target: frame.name });
    if (multipart) form.enctype = 'multipart/form-data';
    document.body.append(form);
    const loaded = wait(frame, 'load');
    form.submit();
    await loaded;
  };
  await submit('/scheduler/stop?form', false);
  await submit('/imports/backup?form', true);
  await submit('/imports/bulk?form', false);

  // Addresses that change something when they are posted to, asked for as pictures, and data as scripts.
  const loaded = (element: HTMLImageElement | HTMLScriptElement, path: string) => {
    const event = wait(element, 'load', 'error');
    element.src = site + path;
    document.body.append(element);
    return event;
  };
  for (const path of ['/scheduler/stop', '/import-sample-data', '/imports/1/remove', '/imports/1/undo', '/imports/bulk', '/clear-data', '/api/clear_import_logs'])
    seen[`picture ${path}`] = await loaded(new Image(), path);
  for (const path of ['/import-logs', '/export-data', '/results.csv', '/api/scheduler_page?all_failures=false&all_runs=false'])
    seen[`script ${path}`] = await loaded(document.createElement('script'), path);

  // The page itself, in a frame and in a window.
  const frame = document.createElement('iframe');
  const framed = wait(frame, 'load');
  frame.src = `${site}/`;
  document.body.append(frame);
  await framed;
  const source = new EventSource(`${site}/events`, { withCredentials: true });
  seen['news'] = await wait(source, 'open', 'error');
  source.close();
  return seen;
}
