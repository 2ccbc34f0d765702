// Every page, in one place: each as it looks with something on it, and its errors.
import type { Api } from './api';
import { backup, oneDraw, truncated, withReject } from './backups';

/** Those that have no scripts at all. */
export const SILENT = ['/nowhere', '/sign-in'];

export interface SomePage {
  path: string;
  status: number;
}

/** Fills the database, and lists the pages that show what is there. */
export async function everyPage(api: Api): Promise<SomePage[]> {
  await api.importBackup('games.json', JSON.stringify(oneDraw('282')));
  await api.importBackup('other.json', JSON.stringify(oneDraw('283')));
  const broken = await api.importBackup('broken.json', truncated('broken.json').buffer);
  const odd = await api.importBackup('รายงานผลหวย.json', withReject('odd.json').buffer);
  const range = await api.importRange('2025-06-16', '2025-06-20');
  const checked = await api.check('checked.json', backup(1, 2));
  const game = encodeURIComponent(((await api.export()).games[0] as { base_game_id: string }).base_game_id);
  const shown = [
    '/',
    '/scheduler?failures=all&runs=all',
    `/scheduler?details=${broken}`,
    '/imports',
    '/imports?ask=remove',
    '/imports?ask=retry',
    `/imports/${broken}`,
    `/imports/${broken}?ask=remove`,
    `/imports/${odd}`,
    `/imports/${range}`,
    '/results',
    `/results/${game}`,
    '/coverage',
    '/coverage?year=2025',
    '/coverage?month=2025-06',
    '/monitoring',
    `/checked/${checked}`,
    '/sign-in',
    '/account',
    '/accounts',
    '/audit',
    '/alerts',
    '/api/docs',
  ].map((path) => ({ path, status: 200 }));
  const refused = [
    ['/imports?status=odd', 400],
    ['/imports/0', 404],
    ['/results?from=never', 400],
    ['/results/none', 404],
    ['/coverage?month=never', 400],
    ['/monitoring?days=never', 400],
    [`/checked/${'0'.repeat(32)}`, 404],
    ['/audit?action=odd', 400],
    ['/alerts?limit=many', 400],
    ['/api/docs?odd=1', 400],
    ['/nowhere', 404],
  ] as const;
  return [...shown, ...refused.map(([path, status]) => ({ path, status }))];
}
