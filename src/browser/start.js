// Starts what keeps the page alive in a browser. Where that fails or stops, the page stays the plain one that the server
// has rendered, which works without: it says so, and is loaded afresh every 10 seconds while nobody is busy in it.
(() => {
  const { pkg, name } = document.currentScript.dataset;
  const notice = document.getElementById('plain');
  // What stopped once in this tab would stop again: the browser changes the document each time.
  const stoppedBefore = () => {
    try {
      return sessionStorage.getItem('plain') === pkg;
    } catch {
      return false;
    }
  };
  const remember = (value) => {
    try {
      sessionStorage.setItem('plain', value);
    } catch {
      // Then it stops again after each reload.
    }
  };
  const busy = () =>
    document.hidden ||
    !getSelection().isCollapsed ||
    document.querySelector('dialog[open], details[open]') ||
    [...document.querySelectorAll('input')].some((input) => input.value !== input.defaultValue);
  const afresh = () => busy() || location.reload();
  const plain = () => {
    if (!notice.hidden) return;
    notice.hidden = false;
    document.documentElement.classList.add('plain');
    notice.querySelector('button').addEventListener('click', () => {
      remember('');
      location.reload();
    });
    setInterval(afresh, 10_000);
  };
  const fell = (error) => {
    if (!(error instanceof WebAssembly.RuntimeError)) return false;
    remember(pkg);
    plain();
    // Half of the page's buttons may do nothing now.
    if (stoppedBefore()) afresh();
    return true;
  };
  addEventListener('error', ({ error }) => fell(error));
  addEventListener('unhandledrejection', ({ reason }) => fell(reason));
  if (stoppedBefore()) {
    plain();
    return;
  }
  import(`${pkg}/${name}.js`)
    .then((part) => part.default({ module_or_path: `${pkg}/${name}.wasm` }).then(() => part.hydrate()))
    .catch((error) => fell(error) || plain());
})();
