// The made-up feed, as its own process, so that a test can have it as bad as it likes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import { BAD_DATE, FEED_ADDR, PROGRAM } from './parts';

const USUAL = ['--bad-dates', BAD_DATE];

export class Feed {
  #process: ChildProcess | undefined;
  #trouble: readonly string[] = [];

  /** Answers at once and well, but for one bad date. */
  async asUsual(): Promise<void> {
    await this.with(...USUAL);
  }

  /** Has this trouble (`numwatch feed --help`), and none but this. */
  async with(...trouble: string[]): Promise<void> {
    if (this.#process && this.#trouble.join() === trouble.join()) return;
    await this.stop();
    const begun = spawn(PROGRAM, ['feed', '--addr', FEED_ADDR, ...trouble], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, RUST_LOG: 'error' },
    });
    this.#process = begun;
    this.#trouble = trouble;
    await new Promise<void>((listening, failed) => {
      begun.stdout.once('data', () => listening());
      begun.once('exit', (code) => failed(new Error(`the feed ended with ${code}`)));
    });
  }

  /** Never answers: what asks it keeps running until cancelled. */
  async silent(): Promise<void> {
    await this.with('--timeout-rate', '1');
  }

  async stop(): Promise<void> {
    const ending = this.#process;
    this.#process = undefined;
    if (!ending || ending.exitCode !== null) return;
    const gone = once(ending, 'exit');
    ending.kill('SIGKILL');
    await gone;
  }
}
