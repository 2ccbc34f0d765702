// Tells the server the reader's zone, in which it reads days and tells times; comes anew once if the page shows another.
{
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const kept = () => document.cookie.split('; ').includes('zone=' + zone);
  if (zone && !kept()) {
    document.cookie = `zone=${zone};path=/;max-age=31536000;samesite=lax`;
    if (kept() && zone !== document.currentScript.dataset.zone) location.reload();
  }
}
