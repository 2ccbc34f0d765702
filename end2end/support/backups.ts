// Backups for upload (formats.md §2): good ones, and ones that go wrong as real files do.
import { gzipSync } from 'node:zlib';

export interface Upload {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

interface Game {
  id: number;
  base_game_id: string;
  game_name: string;
}

interface Result {
  id: number;
  game_id: number;
  result_date: string;
  result_3up: string;
  status: string;
}

/** So many games with so many results each. */
export function backup(games: number, resultsEach: number): { games: Game[]; results: Result[] } {
  const listed = Array.from({ length: games }, (_, index) => ({
    id: index + 1,
    base_game_id: `L03-01-${String(index + 500).padStart(6, '0')}`,
    game_name: `ดาวโจนส์ ${index + 1}`,
  }));
  const results = listed.flatMap((game) =>
    Array.from({ length: resultsEach }, (_, index) => ({
      id: game.id * 10_000 + index,
      game_id: game.id,
      result_date: new Date(Date.UTC(2024, 0, 1 + index)).toISOString().slice(0, 10),
      result_3up: String(index % 1000).padStart(3, '0'),
      status: 'completed',
    })),
  );
  return { games: listed, results };
}

export function file(name: string, content: unknown, mimeType = 'application/json'): Upload {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return { name, mimeType, buffer: Buffer.from(text) };
}

/** A backup packed with gzip. */
export function packed(name: string, content: unknown): Upload {
  return { name, mimeType: 'application/gzip', buffer: gzipSync(JSON.stringify(content)) };
}

/** One game with one result, whose first three digits these are. */
export function oneDraw(result_3up: string): { games: Game[]; results: Result[] } {
  const content = backup(1, 1);
  return { ...content, results: content.results.map((result) => ({ ...result, result_3up })) };
}

/** A download that was cut off in the middle of result 3. */
export function truncated(name: string): Upload {
  const whole = JSON.stringify(backup(1, 3));
  return file(name, whole.slice(0, whole.lastIndexOf('result_3up')));
}
export const TRUNCATED = /^Not a backup: the file ends in the middle of result 3 \(byte \d+\)\. It looks like a download that was cut off; download it again\.$/;

/** One result of three belongs to no game of the file. */
export function withReject(name: string): Upload {
  const content = backup(1, 3);
  const stray = content.results[2];
  if (stray) stray.game_id = 99;
  return file(name, content);
}

/** A good backup of about so many bytes. */
export function large(name: string, bytes: number): Upload {
  const content = JSON.stringify(backup(2, 2));
  return file(name, content + ' '.repeat(bytes - Buffer.byteLength(content)));
}
