// Keeps the last alerts up to date that stand below a living page: it is the server that renders them.
(() => {
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch('/alerts/latest', { signal: AbortSignal.timeout(15_000) });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const old = document.getElementById('alerts');
      const now = page.getElementById('alerts');
      // Whoever is at its button or link stays there.
      if (old && now && !old.contains(document.activeElement)) old.replaceWith(now);
    } catch {
      // The next look tries again.
    }
  };
  setInterval(refresh, 30_000);
  document.addEventListener('visibilitychange', refresh);
})();
