// The REST API, as tests use it to arrange things and to look behind the page.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { type APIRequestContext, expect } from '@playwright/test';

import { DATABASE, root } from './parts';

export interface ImportLog {
  id: number;
  filename: string | null;
  import_type: string;
  status: 'running' | 'success' | 'failed';
  started_at: string;
  records_processed: number;
  games_created: number;
  results_created: number;
  results_updated: number;
  results_differing: number;
  records_rejected: number;
  error_message: string | null;
  failure_kind: string | null;
  retryable: boolean;
  file_size: number | null;
  retry_of: number | null;
  resolved_by: number | null;
}

export interface BackupFile {
  version: string;
  games: unknown[];
  results: unknown[];
  stats: { total_games: number; total_results: number };
}

export class Api {
  constructor(private readonly request: APIRequestContext) {}

  /** Newest first. */
  async logs(): Promise<ImportLog[]> {
    const answer = await this.request.get('/import-logs');
    expect(answer.status()).toBe(200);
    return (await answer.json()) as ImportLog[];
  }

  /** The newest log. */
  async latest(): Promise<ImportLog> {
    const [latest] = await this.logs();
    if (!latest) throw new Error('there is no import');
    return latest;
  }

  async importSample(): Promise<number> {
    const answer = await this.request.post('/import-sample-data');
    expect(answer.status()).toBe(200);
    return ((await answer.json()) as { import_id: number }).import_id;
  }

  /** Answers when the import has ended, well or not. */
  async importBackup(name: string, content: string | Buffer): Promise<number> {
    const answer = await this.request.post('/import-backup', {
      headers: { 'Content-Type': 'application/json', 'X-Filename': encodeURIComponent(name) },
      data: content,
    });
    return ((await answer.json()) as { import_id: number }).import_id;
  }

  /** Checks a backup without importing it. Answers what names its page. */
  async check(name: string, content: unknown): Promise<string> {
    const answer = await this.request.post('/import-backup?dry_run=true', {
      headers: { 'Content-Type': 'application/json', 'X-Filename': encodeURIComponent(name) },
      data: JSON.stringify(content),
    });
    return ((await answer.json()) as { checked: string }).checked;
  }

  async importRange(start: string, end: string): Promise<number> {
    const answer = await this.request.post(`/scheduler/import-range?start_date=${start}&end_date=${end}`);
    expect(answer.status()).toBe(200);
    return ((await answer.json()) as { import_id: number }).import_id;
  }

  /** Answers at once. */
  async startRange(start: string, end: string): Promise<number> {
    const answer = await this.request.post(`/scheduler/import-range?start_date=${start}&end_date=${end}`, {
      headers: { Prefer: 'respond-async' },
    });
    expect(answer.status()).toBe(202);
    return ((await answer.json()) as { id: number }).id;
  }

  /** Answers at once. */
  async retry(id: number): Promise<number> {
    const answer = await this.request.post(`/import-logs/${id}/retry`);
    expect(answer.status()).toBe(202);
    return ((await answer.json()) as { id: number }).id;
  }

  async export(): Promise<BackupFile> {
    return (await (await this.request.get('/export-data')).json()) as BackupFile;
  }

  async clearData(): Promise<void> {
    expect((await this.request.delete('/clear-data')).status()).toBe(200);
  }

  async removeLogs(): Promise<void> {
    expect((await this.request.delete('/import-logs')).status()).toBe(200);
  }

  /** Runs of the scheduler that brought nothing: in these tests its clock never strikes. Answers the oldest and the newest. */
  async quietRuns(number: number): Promise<[number, number]> {
    const sql = `INSERT INTO import_logs (import_type, started_at, completed_at, status, requested_by, range_start, range_end)
      SELECT 'date_range', now(), now(), 'success', 'scheduler', current_date, current_date FROM generate_series(1, ${number})
      RETURNING id`;
    const env = { ...process.env, DATABASE_URL: DATABASE };
    const ids = execFileSync(join(root, 'scripts/postgres'), ['psql', '-XAtqc', sql], { env, encoding: 'utf8' }).trim().split('\n');
    return [Number(ids[0]), Number(ids.at(-1))];
  }

  /** Nothing runs, nothing is logged, nothing is stored, and the scheduler is on. */
  async reset(): Promise<void> {
    expect((await this.request.post('/scheduler/start')).status()).toBe(200);
    await expect(async () => {
      const running = (await this.logs()).filter((log) => log.status === 'running');
      for (const { id } of running) await this.request.post(`/import-logs/${id}/cancel`);
      expect(running).toEqual([]);
    }).toPass({ timeout: 15_000 });
    await this.removeLogs();
    await this.clearData();
  }
}
